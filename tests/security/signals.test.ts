// The threat: who can crash the sandbox tries again and again, or has others pay for it.
import { join } from "node:path";
import Database from "better-sqlite3";
import { test } from "tap";
import { CallsInFlight } from "../../gateway/calls-in-flight.ts";
import type { Deps } from "../../gateway/deps.ts";
import { openGateway } from "../../gateway/open-gateway.ts";
import { cleanLabel } from "../../manifests/label.ts";
import type { Sandbox, SandboxJob, SandboxResult } from "../../sandbox/sandbox.ts";
import { cpuTicks, descendants } from "../support/processes.ts";
import { openTestGateway, recordHolds, type TestSession } from "../support/test-gateway.ts";

const crash = { code: "crash" };
const benign = { code: "return 1" };
const waits = { code: "wait" };

test("crashes freeze the principal whose calls they were, and nobody else", async (t) => {
  const at = await openTestGateway(t, {}, brittle);
  const [mallory, other] = [await at.open({ principal: "mallory" }), await at.open()];
  await crashTimes(mallory, 4);
  t.match(await mallory.propose("js.run", benign), { status: "completed" }, "four may be chance");
  t.match(await mallory.propose("js.run", crash), { code: "SANDBOX_CRASH" });
  t.match(await mallory.propose("js.run", benign), { status: "refused", code: "FROZEN" });
  const anew = await at.open({ principal: "mallory" });
  t.match(await anew.propose("text.search", { text: "a", pattern: "a" }), { code: "FROZEN" });
  t.match(await other.propose("js.run", benign), { status: "completed" });
  await recordHolds(t, at, 9);
});

test("one crash is one, however often its answer is asked for", async (t) => {
  const at = await openTestGateway(t, rule({ limit: 2, freeze: ["tool", "principal"] }), brittle);
  const session = await at.open();
  for (let n = 0; n < 4; n += 1) {
    const answer = await session.propose("js.run", crash, { idempotencyKey: "one" });
    t.match(answer, { code: "SANDBOX_CRASH" });
  }
  t.match(await session.propose("js.run", benign), { status: "completed" });
  t.strictSame(await at.gateway.deps.store.freezes.list(), []);
  await recordHolds(t, at, 2);
});

test("the freeze says who and why, as an operator's does, and is lifted like one", async (t) => {
  const { open, gateway, folder } = await openTestGateway(t, rule({ limit: 2 }), brittle);
  const { freezes } = gateway.deps.store;
  const session = await open();
  const ids = [await session.propose("js.run", crash), await session.propose("js.run", crash)];
  const reason = `2 crashes of the sandbox within 600 s, the last ones in ${ids[0]?.id}, ${ids[1]?.id}`;
  t.match(await freezes.list(), [{ kind: "principal", id: "alice", reason }]);
  t.strictSame(recordedFreezes(folder), ["gateway"]);
  await freezes.thaw({ kind: "principal", id: "alice" }, "operator");
  t.match(await session.propose("js.run", crash), { code: "SANDBOX_CRASH" }, "counted anew");
  t.match(await session.propose("js.run", benign), { status: "completed" });
});

function recordedFreezes(folder: string): unknown[] {
  const db = new Database(join(folder, "state", "store.sqlite"), { readonly: true });
  const by = db.prepare("SELECT text ->> '$.by' FROM records WHERE kind = 'freeze'").pluck().all();
  db.close();
  return by;
}

test("a tool that one principal crashes is not taken from the others", async (t) => {
  const { open, gateway } = await openTestGateway(t, {}, brittle);
  for (const principal of ["eve", "mallory"]) await crashTimes(await open({ principal }), 5);
  const frozen = await gateway.deps.store.freezes.list();
  t.strictSame(frozen.map(({ kind, id }) => `${kind} ${id}`).sort(), [
    "principal eve",
    "principal mallory",
  ]);
  t.match(await (await open()).propose("js.run", benign), { status: "completed" });
});

test("by configuration it is the tool that is frozen, or the session, or nothing", async (t) => {
  const ends = { tool: "FROZEN", session: "FROZEN", "": undefined };
  for (const [target, code] of Object.entries(ends)) {
    const freeze = target === "" ? [] : [target];
    const { open } = await openTestGateway(t, rule({ limit: 2, freeze }), brittle);
    const [session, other] = [await open(), await open({ principal: "bob" })];
    await crashTimes(session, 2);
    t.equal((await session.propose("js.run", benign)).code, code);
    t.equal((await other.propose("js.run", benign)).code, target === "tool" ? code : undefined);
    const another = { text: "a", pattern: "a" };
    t.equal(
      (await session.propose("text.search", another)).code,
      target === "session" ? code : undefined,
    );
  }
});

test("what a freeze covers and runs is stopped before the crash is answered", async (t) => {
  const { open } = await openTestGateway(t, rule({ limit: 1 }), brittle);
  const [session, other] = [await open(), await open({ principal: "bob" })];
  const running = session.propose("js.run", waits);
  const others = other.propose("js.run", { code: "wait a little" });
  t.match(await session.propose("js.run", crash), { code: "SANDBOX_CRASH" });
  t.match(await running, { code: "CANCELLED" });
  t.match(await others, { status: "completed" });
});

test("a freeze outlives the gateway", async (t) => {
  const { open, gateway } = await openTestGateway(t, rule({ limit: 1 }), brittle);
  const session = await open();
  await session.propose("js.run", crash);
  await gateway.close();
  const later = await openGateway(gateway.config, { writer: "gateway" });
  t.teardown(() => later.close());
  const proposal = { tool: "js.run", arguments: benign };
  const calls = new CallsInFlight(later.deps);
  const { answer } = calls.begin({ bearer: session.token, session: session.id, proposal });
  t.match(await answer, { code: "FROZEN" });
});

test("a worker that is really killed counts, and the next calls of others are right", async (t) => {
  const { open } = await openTestGateway(t, rule({ limit: 1 }));
  const [session, other] = [await open(), await open({ principal: "bob" })];
  t.equal(await codeOfKilled(session), "SANDBOX_CRASH");
  t.match(await session.propose("js.run", benign), { code: "FROZEN" });
  t.match(await other.propose("js.run", benign), { status: "completed", output: 1 });
});

/** How a call ends whose worker is killed; again where its time was up before we got at it. */
async function codeOfKilled(session: TestSession): Promise<string | undefined> {
  for (let tries = 1; ; tries += 1) {
    const ending = session.propose("js.run", { code: "for (;;);" });
    const stop = new AbortController();
    const killing = killSpinning(stop.signal);
    const { code } = await ending;
    stop.abort();
    await killing;
    if (code !== "TIMEOUT_CPU" || tries === 5) return code;
  }
}

/** More than a worker needs to start, and less than the call may use. */
const spinTicks = 30;

async function killSpinning(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const spinning = descendants(process.pid).find((pid) => cpuTicks(pid) > spinTicks);
    if (spinning !== undefined) return void process.kill(spinning, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function rule(crashes: object): { readonly signals: object } {
  return { signals: { crashes } };
}

async function crashTimes(session: TestSession, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await session.propose("js.run", crash);
}

/** A sandbox that crashes where the code says so. */
function brittle(deps: Deps): Deps {
  const run: Sandbox["run"] = async ({ input }, signal) => {
    if (input.includes("wait a little")) await new Promise(setImmediate);
    else if (input.includes("wait")) await aborted(signal);
    return resultOf(input, signal);
  };
  const sandbox = deps.sandboxes.get("isolate");
  if (sandbox === undefined) throw new Error("no sandbox");
  return { ...deps, sandboxes: new Map([["isolate", { ...sandbox, run }]]) };
}

function aborted(signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

function resultOf(input: SandboxJob["input"], signal: AbortSignal): SandboxResult {
  const usage = { wallMs: 1, cpuMs: 1, outputBytes: 1 };
  const ran = { usage, requests: [], log: "", read: cleanLabel };
  if (signal.aborted) return { kind: "failed", code: "CANCELLED", detail: "", ...ran };
  if (input.includes("crash")) {
    return { kind: "failed", code: "SANDBOX_CRASH", detail: "", ...ran };
  }
  const output = input.includes("pattern") ? '{"matches":[],"more":false}' : "1";
  return { kind: "output", output, ...ran };
}
