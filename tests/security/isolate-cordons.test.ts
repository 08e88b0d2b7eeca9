// THREAT_MODEL: who breaks out of an isolate unnoticed owns its worker. Ring 7 holds: nothing of
// another cordon ever comes to that worker.
import { test } from "tap";
import type { Grant } from "../../manifests/grant.ts";
import { limits } from "../../manifests/limits.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { runCall } from "../../sandbox/isolate/call/run-call.ts";
import { createIsolateSandbox } from "../../sandbox/isolate/isolate-sandbox.ts";
import { jailCommand } from "../../sandbox/isolate/jail/jail.ts";
import { workerSource } from "../../sandbox/isolate/jail/worker-source.ts";
import { cordonOf } from "../../sandbox/isolate/pool/cordon.ts";
import { startWorker, type WorkerProcess } from "../../sandbox/isolate/pool/worker-process.ts";
import type { SandboxJob } from "../../sandbox/sandbox.ts";
import { descendants, noneLeft } from "../support/processes.ts";
import { grantOf } from "./broker-fixtures.ts";

const broker = createBroker({ workspace: "/nonexistent", hosts: {}, protectedPaths: [] });
const never = new AbortController().signal;

/** Whatever can set two calls of one tool apart. */
const differences: readonly [string, Partial<Grant>][] = [
  ["principal", { principal: "mallory" }],
  ["tool pin", { toolPin: "1".repeat(64) }],
  ["bundle of policies and tools", { bundle: "1".repeat(64) }],
  ["integrity", { label: { integrity: "untrusted", confidentiality: "public" } }],
  ["confidentiality", { label: { integrity: "trusted", confidentiality: "secret" } }],
  ["wall time", { limits: { ...grantOf().limits, wallMs: 4_999 } }],
  ["processor time", { limits: { ...grantOf().limits, cpuMs: 1_999 } }],
  ["memory", { limits: { ...grantOf().limits, memoryMb: 33 } }],
  ["output", { limits: { ...grantOf().limits, outputKb: 63 } }],
  ["author", { sandbox: { tier: "isolate", author: "agent", jit: false } }],
  ["machine code", { sandbox: { tier: "isolate", author: "operator", jit: true } }],
];

test("calls that differ in anything that matters have different cordons", (t) => {
  const keys = [{}, ...differences.map(([, change]) => change)].map(
    (change) => cordonOf(grantOf(change)).key,
  );
  t.equal(new Set(keys).size, differences.length + 1);
  t.equal(cordonOf(grantOf({ call: "other", session: "other", id: "other" })).key, keys[0]);
  t.end();
});

test("the parts of a cordon cannot be shifted into one another", (t) => {
  const shifted = [
    grantOf({ principal: 'a","b', toolPin: "c" }),
    grantOf({ principal: "a", toolPin: 'b","c' }),
  ].map((grant) => cordonOf(grant).key);
  t.not(shifted[0], shifted[1]);
  t.end();
});

test("a worker refuses a call of another cordon, whoever hands it over", async (t) => {
  const worker = await start();
  t.teardown(() => worker.kill());
  t.match(await runCall(worker, jobOf(), deps), { kind: "output", output: "1" });
  for (const [name, change] of differences) {
    await t.rejects(runCall(worker, jobOf(change), deps), /another (?:cordon|kind)/, name);
  }
  t.match(await runCall(worker, jobOf(), deps), { kind: "output", output: "1" });
});

test("a worker of an agent's code serves one call", async (t) => {
  const worker = await start();
  t.teardown(() => worker.kill());
  const agents = jobOf({ sandbox: { tier: "isolate", author: "agent", jit: false } });
  t.match(await runCall(worker, agents, deps), { kind: "output", output: "1" });
  await t.rejects(runCall(worker, agents, deps), /served its calls/);
});

test("a worker without machine code is not one with it", async (t) => {
  const worker = await start();
  t.teardown(() => worker.kill());
  const fast = jobOf({ sandbox: { tier: "isolate", author: "operator", jit: true } });
  await t.rejects(runCall(worker, fast, deps), /another kind/);
});

test("no code of an agent is ever compiled", async (t) => {
  const sandbox = createIsolateSandbox({ broker, workers: 1 });
  t.teardown(() => sandbox.close());
  const job = jobOf({ sandbox: { tier: "isolate", author: "agent", jit: true } });
  await t.rejects(sandbox.run(job, never), /an agent's code/);
  t.strictSame(descendants(process.pid), [], "no worker was even started");
});

test("each principal and each label class has workers of its own, in the whole tier", async (t) => {
  const sandbox = createIsolateSandbox({ broker, workers: 4 });
  t.teardown(() => sandbox.close());
  const ann = await workersOf(() => sandbox.run(jobOf(), never));
  t.equal(ann.length, 1);
  const mallory = await workersOf(() => sandbox.run(jobOf({ principal: "mallory" }), never));
  t.equal(mallory.length, 2, "a worker more, and the other one was left alone");
  const again = await workersOf(() => sandbox.run(jobOf(), never));
  t.strictSame(again, mallory, "the same principal comes back to its own");
  const label = { integrity: "untrusted", confidentiality: "public" } as const;
  t.equal((await workersOf(() => sandbox.run(jobOf({ label }), never))).length, 3);
});

test("after its last call nothing of an agent's code is left", async (t) => {
  const sandbox = createIsolateSandbox({ broker, workers: 2 });
  t.teardown(() => sandbox.close());
  const agents = jobOf({ sandbox: { tier: "isolate", author: "agent", jit: false } });
  const seen = new Set<number>();
  for (let call = 0; call < 3; call += 1) {
    const before = new Set(descendants(process.pid));
    const running = sandbox.run(agents, never);
    t.match(await running, { kind: "output", output: "1" });
    for (const pid of before) t.notOk(seen.has(pid), "a worker that has served");
    for (const pid of before) seen.add(pid);
    await noneLeft();
  }
});

test("a worker serves its share of calls in earnest, and the next one is another", async (t) => {
  const sandbox = createIsolateSandbox({ broker, workers: 1 });
  t.teardown(() => sandbox.close());
  const pids = new Set<number>();
  for (let call = 0; call < limits.callsPerWorker; call += 1) {
    t.match(await sandbox.run(jobOf(), never), { kind: "output" });
    const [outer] = descendants(process.pid);
    if (outer !== undefined && call < limits.callsPerWorker - 1) pids.add(outer);
  }
  t.equal(pids.size, 1);
  const [first] = pids;
  t.match(await sandbox.run(jobOf(), never), { kind: "output" });
  t.notOk(descendants(process.pid).includes(first ?? 0));
});

const deps = { broker, now: () => performance.now(), signal: never };

function jobOf(change: Partial<Grant> = {}): SandboxJob {
  const code = "var tool = { run() { return 1; } };";
  return { grant: grantOf(change), code, input: "{}" };
}

function start(): Promise<WorkerProcess> {
  const jail = jailCommand(workerSource("main"));
  if (!jail) throw new Error("no jail");
  return startWorker(jail, limits.memoryMb);
}

/** The outermost processes of the jails that stand after `act`. */
async function workersOf(act: () => Promise<{ readonly kind: string }>): Promise<number[]> {
  const { kind } = await act();
  if (kind !== "output") throw new Error(kind);
  const all = descendants(process.pid);
  const inner = new Set(all.flatMap((pid) => descendants(pid)));
  return all.filter((pid) => !inner.has(pid)).sort();
}
