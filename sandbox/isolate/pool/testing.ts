import { setImmediate } from "node:timers/promises";
import type { Test } from "tap";
import { limits } from "../../../manifests/limits.ts";
import type { Cordon } from "./cordon.ts";
import { WorkerPool } from "./worker-pool.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** A worker that serves nothing and dies when it is told. */
export interface FakeWorker extends WorkerProcess {
  isAlive: boolean;
  isOld: boolean;
  memoryBytes: number;
  readonly jit: boolean;
  /** Lets a kill come to its end. */
  buried(): void;
}

/** A pool of fake workers with a clock of its own. */
export interface Stage {
  readonly pool: WorkerPool;
  readonly made: FakeWorker[];
  /** Milliseconds of the pool's clock. */
  at: number;
  /** What a start does instead of its work. */
  fault: Error | undefined;
  /** True where a killed worker takes its time. */
  isSlowToDie: boolean;
  alive(): number;
  /** A whole call. */
  call(cordon: Cordon): Promise<WorkerProcess>;
  /** Moves the clock on and has the pool look again. */
  pass(milliseconds: number): Promise<void>;
}

export function stage(t: Test, workers: number): Stage {
  const made: FakeWorker[] = [];
  const start = (jit: boolean): Promise<WorkerProcess> => {
    if (set.fault) return Promise.reject(set.fault);
    const worker = fakeWorker(made.length, jit, set);
    made.push(worker);
    return Promise.resolve(worker);
  };
  const pool = new WorkerPool({ workers, start, now: () => set.at });
  const set: Stage = {
    ...{ pool, made, at: 0, fault: undefined, isSlowToDie: false },
    alive: () => made.filter(({ isAlive }) => isAlive).length,
    async call(cordon) {
      const worker = await pool.take(cordon, 60_000, never);
      pool.give(worker);
      await settle();
      return worker;
    },
    async pass(milliseconds) {
      set.at += milliseconds;
      pool.tick();
      await settle();
    },
  };
  t.teardown(() => {
    for (const worker of made) worker.buried();
    set.isSlowToDie = false;
    return pool.close();
  });
  return set;
}

function fakeWorker(pid: number, jit: boolean, set: Stage): FakeWorker {
  const death = Promise.withResolvers<void>();
  const worker: FakeWorker = {
    ...{
      pid,
      jit,
      isAlive: true,
      isOld: false,
      isHostile: false,
      isStarved: false,
      cpuMs: 0,
      memoryBytes: 5e7,
    },
    bundles: new Map(),
    died: death.promise,
    buried: () => death.resolve(),
    claim: () => {},
    isWorn: () => worker.isOld,
    note: () => {},
    measure: () => ({ cpuMs: 0, memoryBytes: worker.memoryBytes }),
    send: () => {},
    receive: () => Promise.reject(new Error("not here")),
    complaint: () => "",
    kill: () => {
      worker.isAlive = false;
      if (!set.isSlowToDie) death.resolve();
      return death.promise;
    },
  };
  return worker;
}

/** Every start and every end under way has come to its end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await setImmediate();
}

export const never: AbortSignal = new AbortController().signal;

export function cordon(principal: string, more: Partial<Cordon> = {}): Cordon {
  return { key: principal, principal, jit: false, calls: limits.callsPerWorker, ...more };
}
