import type { Mutation } from "./mutations.ts";

const crew = "sandbox/isolate/pool/crew.ts";
const pool = "sandbox/isolate/pool/worker-pool.ts";
const waiting = "sandbox/pool/waiting-calls.ts";
const pause = "sandbox/pool/start-pause.ts";
const wear = "sandbox/isolate/pool/wear.ts";
const poolTest = "sandbox/isolate/pool/worker-pool.test.ts";
const waitingTest = "sandbox/pool/waiting-calls.test.ts";
const wearTest = "sandbox/isolate/pool/wear.test.ts";

/** How many workers there are, who comes next, and when a worker goes. */
export const poolMutations: readonly Mutation[] = [
  {
    takesOut: "there are so many workers",
    ...{ file: crew, from: "if (processes >= this.#options.workers) return false;", to: "" },
    test: poolTest,
  },
  {
    takesOut: "who ends still has a place",
    ...{
      file: crew,
      from: " + this.#starting.size + this.#ending.size;",
      to: " + this.#starting.size;",
    },
    test: poolTest,
  },
  {
    takesOut: "who starts has a place",
    ...{
      file: crew,
      from: " + this.#starting.size + this.#ending.size;",
      to: " + this.#ending.size;",
    },
    test: poolTest,
  },
  {
    takesOut: "the memory of all workers is bounded",
    ...{
      file: crew,
      from: "processes === 0 || bytes <= limits.workersBytes",
      to: "processes === 0 || bytes > 0",
    },
    test: poolTest,
  },
  {
    takesOut: "idle workers are ended for memory",
    ...{
      file: pool,
      from: "if (this.#crew.memoryBytes <= limits.workersBytes) break;",
      to: "break;",
    },
    test: poolTest,
  },
  {
    takesOut: "a worker that was claimed is its cordon's",
    ...{ file: crew, from: "    member.cordon = cordon;\n", to: "" },
    test: poolTest,
  },
  {
    takesOut: "a worker is found by its cordon",
    ...{ file: crew, from: "isIdle && member.cordon?.key === key", to: "isIdle && key" },
    test: poolTest,
  },
  {
    takesOut: "spare workers are of the kind that is asked for",
    ...{
      file: crew,
      from: "member.cordon === undefined && member.jit === jit",
      to: "member.cordon === undefined",
    },
    test: poolTest,
  },
  {
    takesOut: "spare workers are nobody's",
    ...{
      file: crew,
      from: "member.cordon === undefined && member.jit === jit",
      to: "member.jit === jit",
    },
    test: poolTest,
  },
  {
    takesOut: "who starts while the pool closes is ended",
    ...{ file: crew, from: "if (this.#isClosed) this.end(member);\n    else void", to: "void" },
    test: poolTest,
  },
  {
    takesOut: "a start that failed is followed by a pause",
    ...{ file: crew, from: "      starts.failed(this.#options.now());\n", to: "" },
    test: poolTest,
  },
  {
    takesOut: "a death before the first call is a start that failed",
    ...{
      file: crew,
      from: "if (member.cordon === undefined) this.#startsOf(member.jit).failed(this.#options.now());",
      to: "",
    },
    test: poolTest,
  },
  {
    takesOut: "pauses grow",
    ...{
      file: pause,
      from: "this.#pauses.firstMs * 2 ** Math.min(this.#failures, 20)",
      to: "this.#pauses.firstMs",
    },
    test: poolTest,
  },
  {
    takesOut: "pauses have an end",
    ...{ file: pause, from: "Math.min(pauseMs, this.#pauses.ceilingMs)", to: "pauseMs" },
    test: poolTest,
  },
  {
    takesOut: "who died serves nobody",
    ...{ file: pool, from: "return worker.isAlive && served <", to: "return served <" },
    test: poolTest,
  },
  {
    takesOut: "a worker is replaced after its share",
    ...{ file: pool, from: "served < (cordon?.calls ?? 0)", to: "served < 1e9 && cordon" },
    test: poolTest,
  },
  {
    takesOut: "a worker is replaced when it is worn",
    ...{ file: pool, from: " && !worker.isWorn();", to: ";" },
    test: poolTest,
  },
  {
    takesOut: "idle workers are ended one day",
    ...{ file: pool, from: "if (isOverAge(member, now)) this.#crew.end(member);", to: ";" },
    test: poolTest,
  },
  {
    takesOut: "who has waited long comes first",
    ...{
      file: pool,
      from: "this.#isOverdue(call) && this.#secure(call, coming, this.#hadItsTurn)",
      to: "false",
    },
    test: poolTest,
  },
  {
    takesOut: "a worker is left to its cordon for a turn",
    ...{
      file: pool,
      from: "this.#options.now() - claimedAt >= limits.workerTurnMs",
      to: "claimedAt >= 0",
    },
    test: poolTest,
  },
  {
    takesOut: "a short burst starts no workers",
    ...{
      file: pool,
      from: "return !keys.has(cordon.key) && !this.#crew.has(cordon);",
      to: "return cordon !== keys;",
    },
    test: poolTest,
  },
  {
    takesOut: "where none starts, nobody waits",
    ...{ file: pool, from: "if (!this.#crew.has(cordon)) call.fail(noneStarts(pauseMs));", to: "" },
    test: poolTest,
  },
  {
    takesOut: "a closed pool gives no worker",
    ...{ file: pool, from: "if (this.#isClosed) return Promise.reject(closed());", to: "" },
    test: poolTest,
  },
  {
    takesOut: "who waits when the pool closes is told",
    ...{ file: pool, from: "    this.#waiting.failAll(closed());\n", to: "" },
    test: poolTest,
  },
  {
    takesOut: "a call that was given up takes no worker",
    ...{
      file: pool,
      from: 'if (signal.aborted) return Promise.reject(new Refusal("CANCELLED"));',
      to: "",
    },
    test: poolTest,
  },
  {
    takesOut: "waiting ends at its time",
    ...{
      file: waiting,
      from: '() => call.fail(unavailable("no sandbox became free"))',
      to: "() => {}",
    },
    test: poolTest,
  },
  {
    takesOut: "waiting ends with its call",
    ...{ file: waiting, from: 'signal.addEventListener("abort", cancel, { once: true });', to: "" },
    test: poolTest,
  },
  {
    takesOut: "so many calls wait",
    ...{ file: waiting, from: "this.#size >= this.#most && ", to: "this.#size < 0 && " },
    test: waitingTest,
  },
  {
    takesOut: "who has most in the queue gives way",
    ...{
      file: waiting,
      from: "if (longest.length <= own + 1) return false;",
      to: "if (longest.length > own) return false;",
    },
    test: waitingTest,
  },
  {
    takesOut: "principals take turns",
    ...{ file: waiting, from: "        this.#endTurn(cordon.principal);\n", to: "" },
    test: waitingTest,
  },
  {
    takesOut: "each principal has a line of its own",
    ...{
      file: waiting,
      from: "this.#lineOf(cordon.principal).push(call);",
      to: 'this.#lineOf("").push(call);',
    },
    test: waitingTest,
  },
  {
    takesOut: "memory wears",
    ...{ file: wear, from: "peakBytes > limits.workerPeakBytes ||", to: "peakBytes < 0 ||" },
    test: wearTest,
  },
  {
    takesOut: "code wears",
    ...{ file: wear, from: "codeBytes > limits.workerCodeBytes ||", to: "codeBytes < 0 ||" },
    test: wearTest,
  },
  {
    takesOut: "time wears",
    ...{ file: wear, from: "cpuMs > limits.workerCpuSecondsSoft * 1_000", to: "cpuMs < 0" },
    test: wearTest,
  },
];
