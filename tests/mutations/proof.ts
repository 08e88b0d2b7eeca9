import type { Mutation } from "./mutations.ts";

const inner = "sandbox/isolate/proof/inner-walls.ts";
const outer = "sandbox/isolate/proof/outer-walls.ts";
const probe = "sandbox/isolate/proof/probe-jail.ts";
const group = "sandbox/isolate/jail/control-group.ts";
const ground = "sandbox/isolate/proof/ground.ts";
const innerTest = "sandbox/isolate/proof/inner-walls.test.ts";
const outerTest = "sandbox/isolate/proof/outer-walls.test.ts";
const holes = "tests/security/isolate-jail-walls.test.ts";
const ownTools = "tests/security/isolate-proof-util-linux.test.ts";

/** What each wall has to be, seen from outside. */
const measures: readonly (readonly [wall: string, passes: string])[] = [
  ["no new privileges", '(value) => value === "1"'],
  ["no capability", "(value) => /^0+( 0+){3}$/.test(value)"],
  ["address space", "is(addressSpace)"],
  ["processor time", "is(limits.workerCpuSeconds)"],
  ["open files", "is(limits.workerOpenFiles)"],
  ["process limit", "is(limits.workerProcesses)"],
  ["file size", 'is(0)),\n    wall("core'],
  ["core dump", 'is(0)),\n    wall("no shared'],
  ["no shared descriptor", 'isNone),\n    wall("no open'],
  ["no open file", 'isNone),\n    wall("no id'],
  ["no id of root's", "(value) => /^\\d/.test(value) && !/\\b0\\b/.test(value)"],
  ["nothing writable in view", "isNone),\n    ...(jail?.view"],
  ["few files in view", "isNone)] : []"],
  ["first of its processes", "(value) => /\\s1$/.test(value)"],
  ["system-call filter", "is(2)"],
  ["no capability to gain", "(value) => /^0+$/.test(value)"],
];

/** The same, of what a probe met inside: a list of errors, or a count. */
const met: readonly (readonly [wall: string, key: string])[] = [
  ["no network", "network"],
  ["no route", "elsewhere"],
  ["no socket by name", "socketName"],
  ["no socket by path", "socketFile"],
  ["no rise to root", "privileges"],
  ["no file of ours", "reading"],
  ["no list of processes", "processList"],
  ["nothing to write", "writing"],
  ["nobody to signal", "signals"],
  ["bounded memory", "memory"],
  ["bounded descriptors", "descriptors"],
  ["bounded processes", "processes"],
];

const texts: readonly (readonly [wall: string, passes: string])[] = [
  ["empty environment", 'value === ""'],
  ["nobody's user id", "/^(65534 ?){3}$/.test(value)"],
  ["few folders", "/^app( lib\\w*)*( usr)?$/.test(value)"],
  ["no descriptor of ours", 'value === "0"'],
  ["no machine code", 'value === "undefined"'],
];

/** Each measure of a wall, made to let everything pass. */
export const proofMutations: readonly Mutation[] = [
  ...measures.map(([wall, passes]) => ({
    takesOut: `from outside: ${wall}`,
    ...{
      file: outer,
      from: passes,
      to: passes.replace(/^(?:is\(\w.*?\)|isNone|\(.*)/, "() => true"),
    },
    test: outerTest,
  })),
  {
    takesOut: "from outside: own process group",
    ...{
      file: outer,
      from: 'value !== "" && value !== processGroup("self")',
      to: "value !== undefined",
    },
    test: outerTest,
  },
  {
    takesOut: "from outside: own namespaces",
    ...{
      file: outer,
      from: 'value !== "" && value !== readLink(',
      to: 'value === "" || readLink(',
    },
    test: outerTest,
  },
  ...met.map(([wall, key]) => ({
    takesOut: `from inside: ${wall}`,
    ...{ file: inner, from: `"${key}", `, to: `"${key}", (() => true) ?? ` },
    test: innerTest,
  })),
  ...texts.map(([wall, passes]) => ({
    takesOut: `from inside: ${wall}`,
    ...{ file: inner, from: `(value) => ${passes}`, to: "() => true" },
    test: innerTest,
  })),
  {
    takesOut: "one way out is enough",
    ...{ file: inner, from: ".every((met) => errors", to: ".some((met) => errors" },
    test: innerTest,
  },
  {
    takesOut: "a count stays below its limit",
    ...{ file: inner, from: " && Number(count) < most", to: "" },
    test: innerTest,
  },
  {
    takesOut: "what a probe does not say does not hold",
    ...{ file: inner, from: ': "nothing said"', to: ': "ENOENT"' },
    test: innerTest,
  },
  {
    takesOut: "what the probe met inside is counted",
    ...{ file: probe, from: "...innerWalls(seen), ", to: "" },
    test: ownTools,
  },
  {
    takesOut: "a probe that hangs has to end in time",
    ...{ file: probe, from: "isSpinning && ms <= limits.probeKillMs", to: "isSpinning" },
    test: ownTools,
  },
  {
    takesOut: "nothing of a probe is left",
    ...{ file: probe, from: "isSpinning && left === 0", to: "isSpinning" },
    test: ownTools,
  },
  {
    takesOut: "a jail with a hole is not offered",
    ...{
      file: ground,
      from: "walls.every(({ floor, holds }) => holds || !floor)",
      to: "walls.length > 0",
    },
    test: ownTools,
  },
  {
    takesOut: "a worker with a hole is none",
    file: "sandbox/isolate/pool/worker-process.ts",
    from: "outerWalls(pid, jail).find(({ holds }) => !holds)",
    to: "outerWalls(pid, jail).find(({ holds, floor }) => !holds && !floor)",
    test: holes,
  },
  {
    takesOut: "a group is bounded as it was made",
    ...{
      file: group,
      from: "kept.every(([file, text]) => read(file) === text)",
      to: "kept.length > 0",
    },
    test: "tests/security/isolate-cgroup.test.ts",
  },
];
