import type { Mutation } from "./mutations.ts";

const main = "sandbox/isolate/worker/main.ts";
const guest = "sandbox/isolate/worker/guest.ts";
const world = "sandbox/isolate/worker/world.ts";
const frames = "sandbox/isolate/worker/frames.ts";

const pollution = "tests/security/isolate-pollution.test.ts";
const floods = "tests/security/isolate-floods.test.ts";
const clock = "tests/security/isolate-determinism-clock.test.ts";
const determinism = "tests/security/isolate-determinism.test.ts";
const strict = "tests/security/isolate-protocol-worker.test.ts";

/** What a worker does for its guests, from its own side. */
export const workerMutations: readonly Mutation[] = [
  {
    takesOut: "each call has an isolate of its own",
    file: main,
    from: "    converse(call, room);\n    room.isolate.dispose();\n",
    to: "    converse(call, room);\n    if (room) continue;\n",
    test: pollution,
  },
  {
    takesOut: "an isolate has the memory of its call",
    ...{ file: main, from: "memoryLimit: memoryMb", to: "memoryLimit: 1024 + memoryMb" },
    test: strict,
  },
  {
    takesOut: "a guest has its time",
    ...{ file: main, from: "{ timeout });", to: "timeout ? {} : {});" },
    test: strict,
  },
  {
    takesOut: "a frame to a worker has a size",
    ...{ file: frames, from: "if (length > limits.workerFrameBytes)", to: "if (length < 0)" },
    test: strict,
  },
  {
    takesOut: "a guest has so many requests",
    ...{ file: guest, from: "if (asked >= told.hostCalls) {", to: "if (asked < 0) {" },
    test: strict,
  },
  {
    takesOut: "a guest's requests have a size",
    file: guest,
    from: "requests.length + json.length > told.requestChars",
    to: "requests.length < 0",
    test: floods,
  },
  {
    takesOut: "a guest's output has a size",
    ...{ file: guest, from: "json.length > told.outputChars", to: "json.length < 0" },
    test: strict,
  },
  {
    takesOut: "a guest's log has a size",
    ...{ file: guest, from: "slice(wellFormed(`", to: "((text: string) => text)(wellFormed(`" },
    test: strict,
  },
  {
    takesOut: "a guest's error has a length",
    ...{
      file: guest,
      from: 'typeof value === "string" ? slice(value, 0, chars)',
      to: 'typeof value === "string" ? value',
    },
    test: strict,
  },
  {
    takesOut: "the first end stays",
    ...{ file: guest, from: 'if (end === "") end = text;', to: "end = text;" },
    test: strict,
  },
  {
    takesOut: "a promise is not the tool's to change",
    ...{
      file: guest,
      from: 'void defineProperty(promise, "constructor",',
      to: 'void defineProperty({}, "constructor",',
    },
    test: strict,
  },
  {
    takesOut: "arguments have no prototype",
    ...{ file: guest, from: "return { __proto__: null, ...args };", to: "return { ...args };" },
    test: pollution,
  },
  {
    takesOut: "the clock is the call's from its start",
    ...{ file: guest, from: "    setClock(told.now);\n", to: "" },
    test: clock,
  },
  {
    takesOut: "the clock goes on with the answers",
    ...{ file: guest, from: "    setClock(parse(now) as number);\n", to: "" },
    test: clock,
  },
  {
    takesOut: "the dice are the call's",
    ...{ file: guest, from: "    seed(told.seed);\n", to: "" },
    test: determinism,
  },
  {
    takesOut: "the date's own clock is replaced",
    ...{
      file: world,
      from: '  defineProperty(globalThis, "Date", { value: CallDate });\n',
      to: "",
    },
    test: clock,
  },
  {
    takesOut: "`Date.now` is the call's",
    ...{
      file: world,
      from: 'defineProperty(CallDate, "now", { value: own.now,',
      to: 'defineProperty(CallDate, "now", { value: RealDate.now,',
    },
    test: clock,
  },
  {
    takesOut: "a new date is the call's",
    ...{ file: world, from: "parts.length === 0 ? [now] : parts", to: "parts" },
    test: clock,
  },
];
