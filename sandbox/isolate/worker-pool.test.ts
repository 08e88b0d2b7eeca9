import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { WorkerPool } from "./worker-pool.ts";
import type { WorkerProcess } from "./worker-process.ts";

interface FakeWorker extends WorkerProcess {
  isAlive: boolean;
  isOld: boolean;
}

function fakes(): { readonly made: FakeWorker[]; start(): Promise<WorkerProcess> } {
  const made: FakeWorker[] = [];
  return {
    made,
    start: async () => {
      const worker = fakeWorker(made.length);
      made.push(worker);
      return worker;
    },
  };
}

function fakeWorker(pid: number): FakeWorker {
  const worker: FakeWorker = {
    pid,
    isAlive: true,
    isOld: false,
    bundles: new Map(),
    cpuMs: 0,
    died: Promise.resolve(),
    isWorn: () => worker.isOld,
    note: () => {},
    measure: () => undefined,
    send: () => {},
    receive: () => Promise.reject(new Error("not here")),
    complaint: () => "",
    kill: () => {
      worker.isAlive = false;
      return Promise.resolve();
    },
  };
  return worker;
}

const never: AbortSignal = new AbortController().signal;

test("starts workers when they are needed, and no more than it may", async (t) => {
  const { made, start } = fakes();
  const pool = new WorkerPool({ workers: 2, start });
  t.equal(made.length, 0);
  const [first, second] = await Promise.all([pool.take(1_000, never), pool.take(1_000, never)]);
  const third = pool.take(1_000, never);
  t.equal(made.length, 2);
  pool.give(second);
  t.equal(await third, second);
  pool.give(first);
  t.equal(await pool.take(1_000, never), first);
  await pool.close();
  t.ok(made.every(({ isAlive }) => !isAlive));
});

test("a worker serves its calls and is replaced", async (t) => {
  const { made, start } = fakes();
  const pool = new WorkerPool({ workers: 1, start });
  for (let call = 0; call < limits.callsPerWorker; call += 1) {
    const worker = await pool.take(1_000, never);
    t.equal(worker.pid === 0, true);
    pool.give(worker);
  }
  t.notOk(made[0]?.isAlive);
  t.equal((await pool.take(1_000, never)).pid, 1);
  await pool.close();
});

const unfit: readonly [string, (worker: FakeWorker) => void][] = [
  ["died", (worker) => void worker.kill()],
  [
    "has grown old",
    (worker) => {
      worker.isOld = true;
    },
  ],
];
for (const [name, spoil] of unfit) {
  test(`a worker that ${name} serves nobody again`, async (t) => {
    const { made, start } = fakes();
    const pool = new WorkerPool({ workers: 1, start });
    const worker = await pool.take(1_000, never);
    spoil(made[0] as FakeWorker);
    pool.give(worker);
    t.equal((await pool.take(1_000, never)).pid, 1);
    t.notOk(worker.isAlive);
    await pool.close();
  });
}

test("a worker that died while it was idle is given to nobody", async (t) => {
  const { made, start } = fakes();
  const pool = new WorkerPool({ workers: 1, start });
  pool.give(await pool.take(1_000, never));
  await made[0]?.kill();
  t.equal((await pool.take(1_000, never)).pid, 1);
  await pool.close();
});

test("where no worker starts, nobody waits for one", async (t) => {
  const start = (): Promise<WorkerProcess> => Promise.reject(new Error("no jail"));
  const pool = new WorkerPool({ workers: 2, start });
  const waiting = [pool.take(60_000, never), pool.take(60_000, never)];
  for (const one of waiting) await t.rejects(one, { code: "SANDBOX_UNAVAILABLE" });
  await pool.warm();
  await t.rejects(pool.take(60_000, never), { code: "SANDBOX_UNAVAILABLE" });
  await pool.close();
});

test("waiting ends at its time, by its signal, and when the pool closes", async (t) => {
  const { start } = fakes();
  const pool = new WorkerPool({ workers: 1, start });
  await pool.take(1_000, never);
  await t.rejects(pool.take(5, never), { code: "SANDBOX_UNAVAILABLE" });
  const stop = new AbortController();
  const cancelled = pool.take(60_000, stop.signal);
  stop.abort();
  await t.rejects(cancelled, { code: "CANCELLED" });
  await t.rejects(pool.take(60_000, stop.signal), { code: "CANCELLED" });
  const left = pool.take(60_000, never);
  await Promise.all([t.rejects(left, { code: "SANDBOX_UNAVAILABLE" }), pool.close()]);
  await t.rejects(pool.take(60_000, never), { code: "SANDBOX_UNAVAILABLE" });
});

test("a worker that starts while the pool closes is ended, too", async (t) => {
  const started = Promise.withResolvers<WorkerProcess>();
  const pool = new WorkerPool({ workers: 1, start: () => started.promise });
  const waiting = pool.take(60_000, never);
  const worker = fakeWorker(0);
  const closing = Promise.all([t.rejects(waiting, { code: "SANDBOX_UNAVAILABLE" }), pool.close()]);
  started.resolve(worker);
  await closing;
  t.notOk(worker.isAlive);
});
