import type { Mutation } from "./mutations.ts";

const cordon = "sandbox/isolate/pool/cordon.ts";
const worker = "sandbox/isolate/pool/worker-process.ts";
const cordons = "tests/security/isolate-cordons.test.ts";
const hostile = "tests/security/isolate-pool.test.ts";
const bare = "tests/security/isolate-worker-process.test.ts";

/** What of a grant sets two calls apart, and what in the code stands for it. */
const parts: readonly (readonly [what: string, from: string, to: string])[] = [
  ["principals", "[principal, toolPin, bundle,", "[toolPin, bundle,"],
  ["tools", "[principal, toolPin, bundle,", "[principal, bundle,"],
  ["bundles", "[principal, toolPin, bundle,", "[principal, toolPin,"],
  ["labels of integrity", "[label.integrity, label.confidentiality]", "[label.confidentiality]"],
  ["labels of confidentiality", "[label.integrity, label.confidentiality]", "[label.integrity]"],
  ["wall times", "[tool.wallMs, tool.cpuMs, ", "[tool.cpuMs, "],
  ["processor times", "[tool.wallMs, tool.cpuMs, ", "[tool.wallMs, "],
  ["sizes of memory", "tool.memoryMb, tool.outputKb]", "tool.outputKb]"],
  ["sizes of output", "tool.memoryMb, tool.outputKb]", "tool.memoryMb]"],
  ["authors", "sandbox.author, sandbox.jit];", "sandbox.jit];"],
  ["kinds of machine code", "sandbox.author, sandbox.jit];", "sandbox.author];"],
];

/** Who shares a worker with whom, and what a worker is before it has a call. */
export const workersMutations: readonly Mutation[] = [
  ...parts.map(([what, from, to]) => ({
    takesOut: `different ${what} share no worker`,
    ...{ file: cordon, from, to },
    test: cordons,
  })),
  {
    takesOut: "the parts of a cordon stay apart",
    ...{ file: cordon, from: "JSON.stringify(parts)", to: `parts.join('","')` },
    test: cordons,
  },
  {
    takesOut: "a worker of an agent's code serves one call",
    ...{
      file: cordon,
      from: "isAgents ? 1 : limits",
      to: "isAgents ? limits.callsPerWorker : limits",
    },
    test: cordons,
  },
  {
    takesOut: "an agent's code is never compiled",
    ...{
      file: cordon,
      from: "if (isAgents && sandbox.jit) throw",
      to: "if (isAgents && !sandbox) throw",
    },
    test: cordons,
  },
  {
    takesOut: "a worker knows its cordon",
    ...{
      file: worker,
      from: "this.#cordon !== undefined && this.#cordon !== key",
      to: "key === undefined",
    },
    test: cordons,
  },
  {
    takesOut: "a worker knows its share",
    ...{ file: worker, from: "if (this.#calls >= calls) throw", to: "if (calls < 0) throw" },
    test: cordons,
  },
  {
    takesOut: "a worker knows its kind",
    ...{ file: worker, from: "if (jit !== this.#jit) throw", to: "if (jit === undefined) throw" },
    test: cordons,
  },
  {
    takesOut: "a worker claims its call",
    file: "sandbox/isolate/call/run-call.ts",
    from: "  worker.claim(cordonOf(job.grant));\n",
    to: "",
    test: cordons,
  },
  {
    takesOut: "a worker that starts is measured",
    ...{ file: worker, from: "    refuseHoles(worker.inner, jail);\n", to: "" },
    test: bare,
  },
  {
    takesOut: "only who asks for no walls gets none",
    ...{ file: worker, from: "if (jail.isUnwalled) return;", to: "if (jail) return;" },
    test: bare,
  },
  {
    takesOut: "a worker answers its own start",
    ...{ file: worker, from: 'frame["channel"] !== channel', to: 'frame["channel"] === ""' },
    test: bare,
  },
  {
    takesOut: "a start has an end",
    ...{ file: worker, from: "() => void worker.kill(), limits.workerStartMs", to: "() => {}, 1" },
    test: bare,
  },
  {
    takesOut: "a start that failed leaves nothing",
    ...{ file: worker, from: "    await worker.kill();\n    throw", to: "    throw" },
    test: bare,
  },
  {
    takesOut: "complaints are cut",
    ...{ file: worker, from: ".slice(0, room)", to: "" },
    test: bare,
  },
  {
    takesOut: "a worker that does not die of its first process's death is killed itself",
    ...{ file: worker, from: '() => this.#child.kill("SIGKILL"), limits', to: "() => {}, limits" },
    test: bare,
  },
  {
    takesOut: "an idle worker is silent",
    ...{
      file: worker,
      from: 'if (!waiting) throw new Error("a frame',
      to: 'if (!waiting) return; else if (!frame) throw new Error("a frame',
    },
    test: hostile,
  },
  {
    takesOut: "half a frame is no silence",
    ...{ file: worker, from: "if (!this.#waiting && !this.#decoder.isEmpty)", to: "if (!chunk)" },
    test: hostile,
  },
];
