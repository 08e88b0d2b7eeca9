import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import type { RefusalCode } from "../../manifests/refusals.ts";
import type { Freeze } from "../store/store.ts";
import { sampleSession } from "../store/testing.ts";
import type { Tool } from "../tools/tool.ts";
import type { SignalRule } from "./rules.ts";
import { createSignals, type EndedCall } from "./signals.ts";

const rule: SignalRule = { limit: 3, seconds: 60, freeze: ["principal"] };

test("signals count together within the window, and no longer", async (t) => {
  const { heed } = openSignals();
  for (const seconds of [0, 1, 61, 62]) {
    t.strictSame(await heed(callAt(seconds)), [], `second ${seconds}`);
  }
  t.strictSame(await heed(callAt(63)), [{ kind: "principal", id: "alice" }]);
});

test("only what no honest call does is a signal", async (t) => {
  const { heed } = openSignals({ ...rule, limit: 1 });
  for (const code of ["GUEST_ERROR", "OOM", "TIMEOUT_CPU", "CANCELLED", "FROZEN"] as const) {
    t.strictSame(await heed(callAt(0, { code })), [], code);
  }
  const requests = [
    { door: "fetch", action: "GET", target: "", bytes: 0, code: "SECRET_MISUSED" },
  ] as const;
  const result = { requests } as unknown as EndedCall["reached"]["result"];
  const caught = callAt(0, { code: undefined });
  const reached = { ...caught.reached, ...(result && { result }) };
  t.strictSame(await heed({ ...caught, reached }), [{ kind: "principal", id: "alice" }]);
});

test("a call that reached no session or tool is nobody's", async (t) => {
  const { heed } = openSignals({ ...rule, limit: 1 });
  t.strictSame(await heed({ ...callAt(0), reached: {} }), []);
});

test("each target is counted for itself, a tool by its version", async (t) => {
  const { heed } = openSignals({ ...rule, limit: 2, freeze: ["session", "tool"] });
  t.strictSame(await heed(callAt(0, { pin: "one", session: "a" })), []);
  t.strictSame(await heed(callAt(0, { pin: "two", session: "b" })), []);
  t.strictSame(await heed(callAt(0, { pin: "one", session: "b" })), [
    { kind: "session", id: "b" },
    { kind: "tool", id: "js.run" },
  ]);
});

test("a freeze that cannot be written is tried again with the next signal", async (t) => {
  const { heed, frozen, broken } = openSignals({ ...rule, limit: 2 });
  broken.now = true;
  await heed(callAt(0));
  t.strictSame(await heed(callAt(1)), []);
  broken.now = false;
  t.strictSame(await heed(callAt(2)), [{ kind: "principal", id: "alice" }]);
  t.equal(frozen.length, 1);
});

test("a reason names the last calls, and is no longer than one may be", async (t) => {
  const { heed, reasons } = openSignals({ ...rule, limit: 100 });
  for (let n = 0; n < 100; n += 1) {
    const id = `call_${n}`.padEnd(64, "x");
    const call = callAt(0);
    await heed({ ...call, id, answer: { ...call.answer, id } });
  }
  t.match(reasons[0], /^100 crashes of the sandbox within 60 s.*call_99x*$/);
  t.ok(String(reasons[0]).length <= limits.reasonChars);
});

test("remembers a bounded number of windows, the newest", async (t) => {
  const { heed } = openSignals({ ...rule, limit: 2 });
  await heed(callAt(0));
  for (let n = 0; n < limits.signalWindows; n += 1) await heed(callAt(0, { principal: `p${n}` }));
  t.strictSame(await heed(callAt(0)), []);
});

interface Change {
  readonly code?: RefusalCode | undefined;
  readonly pin?: string;
  readonly session?: string;
  readonly principal?: string;
}

function callAt(seconds: number, change: Change = {}): EndedCall {
  const { pin = "pin", session = "s", principal = "alice" } = change;
  const code = "code" in change ? change.code : "SANDBOX_CRASH";
  const tool = { pin, manifest: { name: "js.run" } } as unknown as Tool;
  return {
    id: "call",
    at: 1_000_000 + seconds * 1_000,
    reached: { session: sampleSession(session, { principal }), tool },
    answer: { status: "refused", id: "call", tool: "js.run", ms: 1, ...(code && { code }) },
  };
}

function openSignals(crashes: SignalRule = rule) {
  const frozen: Freeze[] = [];
  const reasons: string[] = [];
  const broken = { now: false };
  const freezes = {
    freeze: async (what: Freeze, reason: string) => {
      if (broken.now) throw new Error("the disk is full");
      frozen.push(what);
      reasons.push(reason);
    },
    thaw: () => Promise.resolve(false),
    list: () => Promise.resolve([]),
  };
  const signals = createSignals(freezes, { crashes, misusedSecrets: crashes });
  return { heed: signals.heed, frozen, reasons, broken };
}
