import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import tap, { test } from "tap";
import { listRecords } from "../../gateway/audit/read.ts";
import { limits } from "../../manifests/limits.ts";
import { cpuTicks, descendants, readProcess, residentKb } from "../support/processes.ts";
import { endless, untilRunning } from "../support/test-door.ts";
import { openTestGateway, recordHolds } from "../support/test-gateway.ts";
import { titleOf } from "./catalogue.ts";
import { allFiles, bench, endOf } from "./isolate-fixtures.ts";

tap.setTimeout(110_000);

test(titleOf("R24"), async (t) => {
  const { run, sandbox } = bench(t, 2);
  await sandbox.warm();
  const how = { wallMs: 20_000, cpuMs: 1_000 };
  const calls = Array.from({ length: limits.workerQueue }, (_, n) =>
    run(`return ${n};`, n % 50 === 7 ? { ...how, principal: "alice" } : how),
  );
  const ends = (await Promise.all(calls)).map(endOf);
  t.strictSame(
    ends,
    ends.map((_, n) => n),
    "each has its own answer",
  );
});

test(titleOf("R25"), async (t) => {
  const on = bench(t, 1);
  const round = async (calls: number): Promise<Held> => {
    for (let n = 0; n < calls; n++) {
      if (endOf(await on.run(`return ${n} + args.x;`, { input: '{"x":1}' })) !== n + 1) t.fail();
    }
    return held();
  };
  const early = await round(100);
  const late = await round(500);
  t.comment(JSON.stringify({ early, late }));
  // A worker may just be replaced.
  t.ok(late.descriptors <= early.descriptors + 12, "descriptors");
  t.ok(late.threads <= early.threads + 1, "threads");
  t.ok(late.processes <= early.processes + 6, "processes");
  t.ok(late.workerKb < early.workerKb + 65_536, "memory of the worker");
});

interface Held {
  readonly descriptors: number;
  readonly threads: number;
  readonly processes: number;
  readonly workerKb: number;
}

function held(): Held {
  const pids = descendants(process.pid);
  return {
    descriptors: readdirSync("/proc/self/fd").length,
    threads: readdirSync("/proc/self/task").length,
    processes: pids.length,
    workerKb: Math.max(...pids.map(residentKb)),
  };
}

/** The worker that has used most processor time; 0 until one has run for a while. */
function busyWorker(): number {
  const busy = descendants(process.pid)
    .filter((pid) => readProcess(pid, "cmdline").startsWith("/app/node"))
    .map((pid) => [cpuTicks(pid), pid] as const)
    .sort(([a], [b]) => b - a)[0];
  return busy && busy[0] >= busyTicks ? busy[1] : 0;
}

/** Hundredths of a second, well past what the start of Node takes. */
const busyTicks = 40;
/** A worker is the first process of its namespace: no other signal reaches it from outside. */
const victims: readonly (readonly [string, () => number])[] = [
  ["the worker", busyWorker],
  ["the process around its jail", () => (busyWorker() && descendants(process.pid)[0]) || 0],
];

for (const [name, victim] of victims) {
  test(`${titleOf("R26")}: ${name}`, async (t) => {
    const on = bench(t, 1, { permissions: allFiles });
    await on.sandbox.warm();
    const body = `await host.files.write('once', 'x'); ${endless}`;
    const running = on.run(body, { isAsync: true, wallMs: 20_000, cpuMs: 20_000 });
    while (!readdirSync(on.workspace).includes("once") || victim() === 0) await sleep(5);
    const killedAt = performance.now();
    process.kill(victim(), "SIGKILL");
    const result = await running;
    const ms = Math.round(performance.now() - killedAt);
    t.comment(`the caller knows after ${ms} ms`);
    t.equal(endOf(result), "SANDBOX_CRASH");
    t.ok(ms < 2_000, "long before the deadline");
    t.equal(result.requests.length, 1, "it is not tried again");
    t.equal(endOf(await on.run("return 1;")), 1);
    t.equal(endOf(await on.run("return 1;", { principal: "alice" })), 1);
  });
}

test("a call whose worker is killed ends once in the record, and is not repeated", async (t) => {
  const opened = await openTestGateway(t);
  const [mallory, alice] = [await opened.open({ principal: "mallory" }), await opened.open()];
  const running = mallory.propose("js.run", { code: endless });
  await untilRunning(opened.gateway, mallory.id);
  while (busyWorker() === 0) await sleep(5);
  process.kill(busyWorker(), "SIGKILL");
  t.match(await running, { code: "SANDBOX_CRASH" });
  t.match(await mallory.propose("js.run", { code: "return 6 * 7" }), { output: 42 });
  t.match(await alice.propose("js.run", { code: "return 6 * 7" }), { output: 42 });
  const state = join(opened.folder, "state");
  t.equal((await listRecords(state, { code: "SANDBOX_CRASH" })).length, 1);
  await recordHolds(t, opened, 3);
});
