// THREAT_MODEL: a call takes more than its share, or a worker tells tales. Ring 7 holds: what ends a
// call is held by the gateway's own clock and measurements; the worker here is an actor's.
import { setTimeout as sleep } from "node:timers/promises";
import { type Test, test } from "tap";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import { closedDoor } from "../../sandbox/isolate/call/answers.ts";
import { runCall } from "../../sandbox/isolate/call/run-call.ts";
import type { WorkerProcess } from "../../sandbox/isolate/pool/worker-process.ts";
import type { CallFrame } from "../../sandbox/isolate/protocol/protocol.ts";
import type { SandboxResult } from "../../sandbox/sandbox.ts";
import { grantOf } from "./broker-fixtures.ts";
import { frameOf } from "./isolate-protocol-talk.ts";

const outputKb = 1;
const tool = { wallMs: 60_000, cpuMs: 100, memoryMb: 32, outputKb };

/** What an actor says in answer to each frame, one after the other, and then nothing. */
type Line = readonly JsonValue[] | ((worker: Actor) => void);

interface Play {
  readonly lines?: readonly Line[];
  readonly wallMs?: number;
  readonly measured?: { readonly cpuMs: number; readonly memoryBytes: number };
  readonly complaint?: string;
  readonly signal?: AbortSignal;
  readonly door?: (worker: Actor) => Partial<BrokerDoor>;
}

interface Played {
  readonly result: SandboxResult;
  readonly worker: Actor;
  /** The signal that the broker's door was opened with. */
  readonly over: AbortSignal;
}

type Actor = { -readonly [Key in keyof WorkerProcess]: WorkerProcess[Key] };

async function play(t: Test, plot: Play): Promise<Played> {
  const { wallMs = tool.wallMs, signal = new AbortController().signal } = plot;
  const worker = actor(plot);
  // Whatever is not ended is ended here, so that a defence that is missing shows as another end.
  const curtain = setTimeout(() => void worker.kill(), 3_000);
  t.teardown(() => clearTimeout(curtain));
  let over = signal;
  const broker = {
    open: (_: unknown, end: AbortSignal): BrokerDoor => {
      over = end;
      return { ...closedDoor, ...plot.door?.(worker) };
    },
  };
  const job = { grant: grantOf({ limits: { ...tool, wallMs } }), code: "", input: "{}" };
  const result = await runCall(worker, job, { broker, signal, now: () => performance.now() });
  return { result, worker, over };
}

function actor({ lines = [], measured, complaint = "" }: Play): Actor {
  const script = lines.values();
  const death = Promise.withResolvers<void>();
  const silence = Promise.withResolvers<JsonObject>();
  silence.promise.catch(() => {});
  let channel = "";
  const worker: Actor = {
    ...{ pid: 1, isAlive: true, isHostile: false, isStarved: false, cpuMs: 0, bundles: new Map() },
    ...{ died: death.promise, claim: () => {}, isWorn: () => false },
    ...{ measure: () => measured, complaint: () => complaint },
    note: (frame) => {
      worker.cpuMs = Number(frame["cpuMs"]);
    },
    send: (frame) => {
      ({ channel } = frame as CallFrame);
    },
    receive: () => {
      const line = script.next().value;
      if (typeof line !== "function") {
        return line ? Promise.resolve(frameOf(channel, [...line])) : silence.promise;
      }
      line(worker);
      return silence.promise;
    },
    kill: () => {
      worker.isAlive = false;
      silence.reject(new Error("killed"));
      death.resolve();
      return death.promise;
    },
  };
  return worker;
}

test("a worker that says nothing is killed at the deadline", async (t) => {
  const { result, worker } = await play(t, { wallMs: 1 });
  t.match(result, { code: "TIMEOUT_WALL" });
  t.notOk(worker.isAlive);
});

test("processor time beyond the call's is seen from outside, whatever the worker says", async (t) => {
  const measured = { cpuMs: tool.cpuMs + 1, memoryBytes: 0 };
  const { result, worker } = await play(t, { measured });
  t.match(result, { code: "TIMEOUT_CPU" });
  t.notOk(worker.isAlive);
});

test("memory beyond the call's is seen from outside", async (t) => {
  const { result, worker } = await play(t, { measured: { cpuMs: 0, memoryBytes: 2 ** 30 } });
  t.match(result, { code: "OOM" });
  t.notOk(worker.isAlive);
});

test("a caller that gives up ends the call, before it began or later", async (t) => {
  const stop = new AbortController();
  const running = play(t, { signal: stop.signal });
  stop.abort();
  t.match(await running, { result: { code: "CANCELLED" }, worker: { isAlive: false } });
  t.match(await play(t, { signal: stop.signal }), { result: { code: "CANCELLED" } });
});

test("an output is bounded by its bytes, not by its characters", async (t) => {
  const fits = JSON.stringify("é".repeat(outputKb * 512 - 1));
  t.match(await play(t, { lines: [["output", fits, ""]] }), { result: { output: fits } });
  const tooLong = JSON.stringify("é".repeat(outputKb * 512));
  const { result, worker } = await play(t, { lines: [["output", tooLong, ""]] });
  t.match(result, { kind: "failed", code: "OUTPUT_LIMIT" });
  t.ok(worker.isAlive, "nothing is wrong with the worker");
});

test("when the result is there, the door is shut and nothing is under way behind it", async (t) => {
  let isClosed = false;
  const close = async (): Promise<void> => {
    await sleep(20);
    isClosed = true;
  };
  const { over } = await play(t, { lines: [["output", "1", ""]], door: () => ({ close }) });
  t.ok(over.aborted);
  t.ok(isClosed);
});

for (const word of ["wall", "memory", "crash"]) {
  test(`a worker that says \`${word}\` serves nobody again`, async (t) => {
    const { result, worker } = await play(t, { lines: [[word]] });
    t.equal(result.kind, "failed");
    t.notOk(worker.isAlive);
  });
}

test("a worker that turns hostile while its call is wound up is not believed", async (t) => {
  const door = (worker: Actor): Partial<BrokerDoor> => ({
    close: async () => {
      worker.isHostile = true;
    },
  });
  const { result } = await play(t, { lines: [["output", "1", ""]], door });
  t.match(result, { kind: "failed", code: "SANDBOX_CRASH", signal: "late-frame" });
});

test("what the broker throws that is no refusal is a bug of ours, and no result", async (t) => {
  const request = (): Promise<never> => Promise.reject(new TypeError("a bug"));
  const lines: Line[] = [
    ["requests", [[0, "fetch", "{}"]], ""],
    ["output", "1", ""],
  ];
  await t.rejects(play(t, { lines, door: () => ({ request }) }), /a bug/);
});

const refusals: readonly (readonly [given: "EGRESS_DENIED" | "CANCELLED", said: string, string])[] =
  [
    ["EGRESS_DENIED", "EGRESS_DENIED", "EGRESS_DENIED"],
    ["EGRESS_DENIED", "EGRESS_FAILED", "GUEST_ERROR"],
    ["EGRESS_DENIED", "constructor", "GUEST_ERROR"],
    ["CANCELLED", "CANCELLED", "GUEST_ERROR"],
  ];
for (const [given, said, code] of refusals) {
  test(`a tool that was refused with ${given} and says ${said} ends as ${code}`, async (t) => {
    const request = (): Promise<never> => Promise.reject(new Refusal(given));
    const lines: Line[] = [
      ["requests", [[0, "fetch", "{}"]], ""],
      ["error", "x".repeat(600), said, ""],
    ];
    const { result } = await play(t, { lines, door: () => ({ request }) });
    t.match(result, { kind: "failed", code, detail: "x".repeat(500) });
    t.equal(result.kind === "failed" && result.detail.length, 500);
  });
}

test("a worker that died of memory says so; one that broke the protocol may say what it likes", async (t) => {
  const complaint = "FATAL ERROR: JavaScript heap out of memory";
  const dying = await play(t, { complaint, lines: [(worker) => void worker.kill()] });
  t.match(dying.result, { code: "OOM" });
  const thread = "terminate called: std::system_error: Resource temporarily unavailable";
  const full = await play(t, { complaint: thread, lines: [(worker) => void worker.kill()] });
  t.match(full.result, { code: "OOM" });
  const starving = await play(t, {
    lines: [(worker) => void Object.assign(worker, { isStarved: true }).kill()],
  });
  t.match(starving.result, { code: "OOM" });
  const lying = await play(t, { complaint, lines: [["done"]] });
  t.match(lying.result, { code: "SANDBOX_CRASH", signal: "protocol" });
  t.notOk(lying.worker.isAlive);
});

/** A door that knows one handle and one value. */
const secretive = (): Partial<BrokerDoor> => ({
  redact: (text) => text.replaceAll("value", "[redacted]"),
  refuseHandles: (text) => {
    if (text.includes("handle")) throw new Refusal("SECRET_MISUSED");
  },
});

const told: readonly (readonly [what: string, line: Line])[] = [
  ["an output", ["output", '"a handle"', ""]],
  ["a log", ["output", "1", "a handle"]],
  ["an error", ["error", "a handle", "", ""]],
];
for (const [what, line] of told) {
  test(`a handle in ${what} ends the call, and its worker`, async (t) => {
    const { result, worker } = await play(t, { lines: [line], door: secretive });
    t.match(result, { kind: "failed", code: "SECRET_MISUSED" });
    t.notMatch(result, { detail: /handle$/ });
    t.notOk(worker.isAlive);
  });
}

test("the value of a secret is in no output, error or log", async (t) => {
  const output = await play(t, { lines: [["output", '"value"', "a value"]], door: secretive });
  t.match(output.result, { output: '"[redacted]"', log: "a [redacted]" });
  const error = await play(t, { lines: [["error", "value", "", ""]], door: secretive });
  t.match(error.result, { detail: "[redacted]" });
});
