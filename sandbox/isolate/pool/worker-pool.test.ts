import { test } from "tap";
import { limits } from "../../../manifests/limits.ts";
import type { Cordon } from "./cordon.ts";
import { cordon, type FakeWorker, never, stage } from "./testing.ts";

const ann: Cordon = cordon("ann");
const bob: Cordon = cordon("bob");

test("a worker serves one cordon, and another one gets another worker", async (t) => {
  const { call, made } = stage(t, 4);
  const first = await call(ann);
  t.equal(await call(ann), first);
  const second = await call(bob);
  t.not(second, first);
  t.equal(await call(ann), first);
  t.equal(await call(bob), second);
  t.equal(made.length, 2);
});

test("code of an agent: one call, and the worker is ended", async (t) => {
  const { call, made, alive } = stage(t, 4);
  const agents = cordon("ann", { key: "agents", calls: 1 });
  const workers = [await call(agents), await call(agents), await call(agents)];
  t.equal(new Set(workers).size, 3);
  t.equal(made.length, 3);
  t.equal(alive(), 0);
});

test("a worker serves its share of calls and is replaced", async (t) => {
  const { call, made } = stage(t, 1);
  for (let count = 0; count < limits.callsPerWorker; count += 1) {
    t.equal((await call(ann)).pid, 0);
  }
  t.notOk(made[0]?.isAlive);
  t.equal((await call(ann)).pid, 1);
});

for (const [name, spoil] of [
  ["died", (worker: FakeWorker) => void worker.kill()],
  ["has grown old", (worker: FakeWorker) => Object.assign(worker, { isOld: true })],
] as const) {
  test(`a worker that ${name} serves nobody again`, async (t) => {
    const { pool, made, call, pass } = stage(t, 1);
    const worker = await pool.take(ann, 1_000, never);
    spoil(made[0] as FakeWorker);
    await pass(0);
    pool.give(worker);
    t.equal((await call(ann)).pid, 1);
    t.notOk(worker.isAlive);
  });
}

test("a worker that died while it was idle is given to nobody", async (t) => {
  const { made, call } = stage(t, 1);
  await call(ann);
  await made[0]?.kill();
  t.equal((await call(ann)).pid, 1);
});

test("a short burst waits for the worker it has; one that lasts gets more", async (t) => {
  const { pool, made, pass } = stage(t, 4);
  const first = await pool.take(ann, 60_000, never);
  const waiting = [1, 2, 3].map(() => pool.take(ann, 60_000, never));
  await pass(0);
  t.equal(made.length, 1, "nobody starts a worker for three calls of a millisecond");
  pool.give(first);
  t.equal(await waiting[0], first);
  await pass(limits.workerPatienceMs);
  t.equal(made.length, 3, "two calls have waited as long as they should");
  await Promise.all(waiting);
});

test("some workers are kept ready, once it is warm, and never more processes than there may be", async (t) => {
  const { pool, made, call } = stage(t, 4);
  await call(ann);
  t.equal(made.length, 1, "one call needs one worker");
  await pool.warm();
  t.equal(made.length, 1 + limits.workersSpare);
  t.equal((await call(bob)).pid, 1, "a spare one is at hand");
  t.equal(made.length, 4, "and is followed by another");
  t.not((await call(cordon("cleo"))).pid, 4);
  t.equal(made.length, 4, "until all places are taken");
});

test("the least recently used idle worker makes place for a new cordon", async (t) => {
  const { call, made, alive } = stage(t, 2);
  await call(ann);
  await call(bob);
  await call(ann);
  await call(cordon("cleo"));
  t.strictSame(
    made.map(({ isAlive }) => isAlive),
    [true, false, true],
  );
  t.equal(alive(), 2);
});

test("a place is free when nothing is left of the worker, not before", async (t) => {
  const set = stage(t, 1);
  await set.call(ann);
  set.isSlowToDie = true;
  const waiting = set.pool.take(bob, 60_000, never);
  await set.pass(limits.workerPatienceMs);
  t.notOk(set.made[0]?.isAlive);
  t.equal(set.made.length, 1, "it still dies");
  set.made[0]?.buried();
  t.equal((await waiting).pid, 1);
});

test("a flood of one principal keeps nobody else out", async (t) => {
  const { pool, pass } = stage(t, 1);
  const order: string[] = [];
  const run = async (who: Cordon): Promise<void> => {
    const worker = await pool.take(who, 60_000, never);
    order.push(who.principal);
    await pass(limits.workerTurnMs / 4);
    pool.give(worker);
  };
  const flood = Array.from({ length: 40 }, () => run(ann));
  await pass(0);
  await Promise.all([run(bob), run(bob)]);
  t.ok(order.filter((who) => who === "ann").length <= 8, order.join(" "));
  await Promise.all(flood);
  t.equal(order.length, 42);
});

test("while two principals flood, a worker is not thrown away for each call", async (t) => {
  const { pool, made, pass } = stage(t, 1);
  const run = async (who: Cordon): Promise<void> => {
    const worker = await pool.take(who, 60_000, never);
    await pass(limits.workerTurnMs / 10);
    pool.give(worker);
  };
  await Promise.all(Array.from({ length: 80 }, (_, at) => run(at % 2 === 0 ? ann : bob)));
  t.ok(made.length <= 10, `${made.length} workers for 80 calls`);
});

test("what is idle for long is ended; what was never used is renewed", async (t) => {
  const { pool, made, call, pass } = stage(t, 4);
  await pool.warm();
  await call(ann);
  t.equal(made.length, 1 + limits.workersSpare);
  await pass(limits.workerIdleMs);
  t.notOk(made[0]?.isAlive, "nobody needs it");
  t.ok(made[1]?.isAlive && made[2]?.isAlive, "whoever comes next may");
  await pass(limits.workerAgeMs);
  t.notOk(made[1]?.isAlive || made[2]?.isAlive);
  t.equal(made.length, 1 + 2 * limits.workersSpare);
});

test("memory is bounded: idle workers of a cordon go first, then none is started", async (t) => {
  const { pool, made, call, pass, alive } = stage(t, 64);
  await pool.warm();
  await call(ann);
  await call(bob);
  for (const worker of made) worker.memoryBytes = limits.workersBytes;
  const busy = await pool.take(bob, 60_000, never);
  await pass(1);
  t.notOk(made[0]?.isAlive);
  t.ok(busy.isAlive, "what serves is left alone");
  const before = made.length;
  await t.rejects(pool.take(cordon("cleo", { jit: true }), 5, never), {
    code: "SANDBOX_UNAVAILABLE",
  });
  t.equal(made.length, before);
  t.ok(alive() < 5);
});

test("machine code has workers of its own kind", async (t) => {
  const { pool, made, call } = stage(t, 4);
  await pool.warm();
  const fast = cordon("ann", { key: "fast", jit: true });
  t.ok(made.every(({ jit }) => !jit));
  t.equal(((await call(fast)) as FakeWorker).jit, true);
  t.equal(((await call(ann)) as FakeWorker).jit, false);
});

test("where no worker starts, nobody waits for one, and the pauses between tries grow", async (t) => {
  const set = stage(t, 2);
  set.fault = new Error("no jail");
  let tries = 0;
  for (let wait = limits.workerPauseMs; wait < 2 * limits.workerPauseMsCeiling; wait *= 2) {
    const most = Math.min(wait, limits.workerPauseMsCeiling);
    const refused = {
      code: "SANDBOX_UNAVAILABLE",
      message: new RegExp(`next try is in ${most} ms`),
    };
    await t.rejects(set.pool.take(ann, 60_000, never), refused);
    await t.rejects(set.pool.take(bob, 60_000, never), refused);
    tries += 1;
    await set.pass(most);
  }
  t.ok(tries > 8);
  await set.pool.warm();
  set.fault = undefined;
  await set.pass(limits.workerPauseMsCeiling);
  t.equal((await set.call(ann)).pid, 0);
});

test("a worker that starts and dies at once is not started again and again", async (t) => {
  const { pool, made, pass } = stage(t, 4);
  await pool.warm();
  for (let second = 0; second < 100; second += 1) {
    for (const worker of made) void worker.kill();
    await pass(1_000);
  }
  t.ok(made.length < 40, `${made.length} starts in 100 seconds`);
});

test("waiting ends at its time, by its signal, and when the pool closes", async (t) => {
  const { pool } = stage(t, 1);
  await pool.take(ann, 1_000, never);
  await t.rejects(pool.take(ann, 5, never), { code: "SANDBOX_UNAVAILABLE" });
  const stop = new AbortController();
  const cancelled = pool.take(ann, 60_000, stop.signal);
  stop.abort();
  await t.rejects(cancelled, { code: "CANCELLED" });
  await t.rejects(pool.take(ann, 60_000, stop.signal), { code: "CANCELLED" });
  const left = pool.take(bob, 60_000, never);
  await Promise.all([t.rejects(left, { code: "SANDBOX_UNAVAILABLE" }), pool.close()]);
  await t.rejects(pool.take(ann, 60_000, never), { code: "SANDBOX_UNAVAILABLE" });
});

test("a worker that starts while the pool closes is ended, too", async (t) => {
  const { pool, made } = stage(t, 1);
  const left = pool.take(ann, 60_000, never);
  await Promise.all([t.rejects(left, { code: "SANDBOX_UNAVAILABLE" }), pool.close()]);
  t.equal(made.length, 1);
  t.notOk(made[0]?.isAlive);
});
