import { cleanLabel } from "../../manifests/label.ts";
import { limits } from "../../manifests/limits.ts";
import { once } from "../../manifests/once.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Broker } from "../broker/broker.ts";
import type { Sandbox, SandboxFailure, SandboxJob, SandboxResult } from "../sandbox.ts";
import { runCall } from "./call/run-call.ts";
import type { Jail } from "./jail/jail.ts";
import { workerSource } from "./jail/worker-source.ts";
import { cordonOf } from "./pool/cordon.ts";
import { WorkerPool } from "./pool/worker-pool.ts";
import { startWorker, type WorkerProcess } from "./pool/worker-process.ts";
import { Ground } from "./proof/ground.ts";

/** A fresh V8 isolate a call, in jailed worker processes, never in this one. */
export interface IsolateSandbox extends Sandbox {
  readonly tier: "isolate";
}

export interface IsolateOptions {
  readonly broker: Broker;
  readonly workers: number;
  /** The jail, with nothing altered, where it is left out. */
  readonly ground?: Ground;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

export function createIsolateSandbox(options: IsolateOptions): IsolateSandbox {
  const { broker, workers, now = () => performance.now() } = options;
  const ground = options.ground ?? new Ground({ outside: [], mayLackWalls: false });
  const source = once(() => workerSource("main"));
  const plain = once(() => ground.command(source()));
  const compiling = once(() => ground.command(source(), [], { jit: true }));
  const pool = new WorkerPool({ workers, now, start: (jit) => start(jit ? compiling() : plain()) });
  return {
    tier: "isolate",
    run: (job, signal) => run(job, { pool, broker, now, signal }),
    probe: () => ground.probe(),
    warm: () => pool.warm(),
    close: () => pool.close(),
  };
}

interface Deps {
  readonly pool: WorkerPool;
  readonly broker: Broker;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

async function run(job: SandboxJob, deps: Deps): Promise<SandboxResult> {
  const startedAt = deps.now();
  let worker: WorkerProcess;
  try {
    const waitMs = Math.max(job.grant.limits.wallMs, limits.workerWaitMs);
    worker = await deps.pool.take(cordonOf(job.grant), waitMs, deps.signal);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return neverRan(error, deps.now() - startedAt);
  }
  try {
    return await runCall(worker, job, deps);
  } catch (bug) {
    await worker.kill();
    throw bug;
  } finally {
    deps.pool.give(worker);
  }
}

function neverRan({ code, message }: Refusal, wallMs: number): SandboxFailure {
  const usage = { wallMs, cpuMs: 0, outputBytes: 0 };
  const nothing = { usage, requests: [], log: "", read: cleanLabel };
  return { kind: "failed", code, detail: message, ...nothing };
}

function start(jail: Jail | undefined): Promise<WorkerProcess> {
  if (!jail) return Promise.reject(new Error("this system lacks what the jail is made of"));
  // Most calls say nothing of memory: the first isolate that waits is of their size.
  return startWorker(jail, limits.memoryMb);
}
