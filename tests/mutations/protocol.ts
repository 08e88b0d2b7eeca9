import type { Mutation } from "./mutations.ts";

const words = "tests/security/isolate-protocol-words.test.ts";
const clock = "tests/security/isolate-determinism-clock.test.ts";
const determinism = "tests/security/isolate-determinism.test.ts";
const replay = "tests/replay-call.test.ts";
const said = "sandbox/isolate/protocol/said.ts";
const world = "sandbox/isolate/worker/world.ts";
const conversation = "sandbox/isolate/call/conversation.ts";

export const protocolMutations: readonly Mutation[] = [
  {
    takesOut: "a frame has a largest size",
    file: "sandbox/isolate/protocol/frame-decoder.ts",
    from: "length > limits.frameBytes",
    to: "length > 4_294_967_296",
    test: "sandbox/isolate/protocol/frame-decoder.test.ts",
  },
  {
    takesOut: "a frame is of its call",
    file: said,
    from: 'frame["channel"] !== channel',
    to: 'frame["channel"] === ""',
    test: words,
  },
  {
    takesOut: "a frame has its keys and no others",
    file: said,
    from: "Object.keys(frame).length === 4 && ",
    to: "",
    test: words,
  },
  {
    takesOut: "each word has its number of words",
    file: said,
    from: "said.length !== wordCounts.get(kind)",
    to: "!wordCounts.has(kind)",
    test: words,
  },
  {
    takesOut: "a request has three parts",
    file: said,
    from: " || word.length !== 3",
    to: "",
    test: words,
  },
  {
    takesOut: "requests are numbered in order",
    file: conversation,
    from: "id !== this.#asked.length",
    to: "id < 0",
    test: words,
  },
  {
    takesOut: "a call has so many requests",
    file: conversation,
    from: "id >= limits.hostCallsPerCall",
    to: "id < 0",
    test: words,
  },
  {
    takesOut: "a call has so many requests a second",
    file: "sandbox/isolate/call/answers.ts",
    from: "if (waitMs <= 0) return;",
    to: "if (waitMs <= 1e9) return;",
    test: words,
  },
  {
    takesOut: "a worker reads strictly, too",
    file: "sandbox/isolate/worker/frames.ts",
    from: "parseStrictJson(body) as T",
    to: 'JSON.parse(body.toString("utf8")) as T',
    test: "tests/security/isolate-protocol-worker.test.ts",
  },
  {
    takesOut: "a worker takes answers of its own call alone",
    file: "sandbox/isolate/worker/main.ts",
    from: "!next || next.channel !== call.channel",
    to: "!next",
    test: "tests/security/isolate-protocol-worker.test.ts",
  },
  {
    takesOut: "no error that is left reaches the library",
    file: "sandbox/isolate/worker/guest.ts",
    from: "throw turn(words);",
    to: "return turn(words) as never;",
    test: "tests/security/isolate-unhandled.test.ts",
  },
  {
    takesOut: "a date's constructor is the call's",
    file: world,
    from: '  defineProperty(RealDate.prototype, "constructor", { value: CallDate });\n',
    to: "",
    test: clock,
  },
  {
    takesOut: "a date without `new` is the call's",
    file: world,
    from: "dateText(new RealDate(now))",
    to: "dateText(new RealDate())",
    test: clock,
  },
  {
    takesOut: "parts of a format are the call's",
    file: world,
    from: '  defineProperty(formats, "formatToParts", { value: own.formatToParts });\n',
    to: "",
    test: clock,
  },
  {
    takesOut: "a format without a date is the call's",
    file: world,
    from: "real(date === undefined ? now : date)",
    to: "real(date)",
    test: clock,
  },
  {
    takesOut: "chance is the call's",
    file: world,
    from: '  defineProperty(Math, "random", { value: own.random });\n',
    to: "",
    test: determinism,
  },
  {
    takesOut: "a call that is run again is answered out of its recording",
    file: conversation,
    from: "if (job.recording) return",
    to: "if (job.code === deps) return",
    test: determinism,
  },
  {
    takesOut: "a call that is run again has no door",
    file: "sandbox/isolate/call/run-call.ts",
    from: "job.recording ? closedDoor : ",
    to: "",
    test: determinism,
  },
  {
    takesOut: "the code that is run again is the same",
    file: "gateway/replay/replay-call.ts",
    from: "tool.pin !== grant.toolPin",
    to: "tool.pin === undefined",
    test: replay,
  },
  {
    takesOut: "logs are compared",
    file: "gateway/replay/compare.ts",
    from: ' ??\n    compareTexts("log", recorded.log, again.log)',
    to: "",
    test: replay,
  },
  {
    takesOut: "requests are compared",
    file: "gateway/replay/compare.ts",
    from: "if (before !== now) return",
    to: "if (before === undefined) return",
    test: replay,
  },
];
