import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface PoolOptions {
  readonly workers: number;
  /** @throws {Error} where none can be started. */
  start(): Promise<WorkerProcess>;
}

/**
 * Worker processes, one call at a time each. They are started when they are first needed, and
 * replaced after anything that was not peaceful, and after `limits.callsPerWorker` calls.
 */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #idle: WorkerProcess[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #calls: Map<WorkerProcess, number> = new Map();
  readonly #ending: Set<Promise<void>> = new Set();
  #starting = 0;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * A worker for one call. `waitMs` bounds the wait for a free one.
   *
   * @throws {Refusal} `SANDBOX_UNAVAILABLE`, `CANCELLED`.
   */
  take(waitMs: number, signal: AbortSignal): Promise<WorkerProcess> {
    if (this.#isClosed) return Promise.reject(unavailable("the sandbox is closed"));
    if (signal.aborted) return Promise.reject(new Refusal("CANCELLED"));
    const idle = this.#takeIdle();
    if (idle) return Promise.resolve(idle);
    if (this.#waiting.length >= limits.workerQueue) {
      return Promise.reject(unavailable("too many calls wait for a sandbox"));
    }
    const waiting = this.#enqueue(waitMs, signal);
    this.#grow();
    return waiting;
  }

  /** Every worker that `take` gave has to come back, dead or alive. */
  give(worker: WorkerProcess): void {
    this.#calls.set(worker, (this.#calls.get(worker) ?? 0) + 1);
    if (this.#isFit(worker)) this.#offer(worker);
    else this.#replace(worker);
  }

  /** Starts every worker there may be. */
  async warm(): Promise<void> {
    const missing = this.#options.workers - this.#count();
    await Promise.all(Array.from({ length: missing }, () => this.#start()));
  }

  /** Resolves when no worker is left. Calls under way end as crashed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const waiting of this.#waiting.splice(0))
      waiting.fail(unavailable("the sandbox is closed"));
    for (const worker of this.#calls.keys()) this.#end(worker);
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  /** One may have died while nobody looked. */
  #takeIdle(): WorkerProcess | undefined {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.isAlive) return idle;
      this.#end(idle);
    }
    return undefined;
  }

  #count(): number {
    return this.#calls.size + this.#starting;
  }

  #isFit(worker: WorkerProcess): boolean {
    return (
      worker.isAlive &&
      !this.#isClosed &&
      (this.#calls.get(worker) ?? 0) < limits.callsPerWorker &&
      !worker.isWorn()
    );
  }

  #offer(worker: WorkerProcess): void {
    const next = this.#waiting.shift();
    if (next) next.take(worker);
    else this.#idle.push(worker);
  }

  #replace(worker: WorkerProcess): void {
    this.#end(worker);
    if (!this.#isClosed) void this.#start();
  }

  #end(worker: WorkerProcess): void {
    this.#calls.delete(worker);
    this.#track(worker.kill());
  }

  #track(ending: Promise<void>): void {
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  #grow(): void {
    if (this.#count() < this.#options.workers && this.#starting < this.#waiting.length) {
      void this.#start();
    }
  }

  async #start(): Promise<void> {
    this.#starting += 1;
    const started = this.#options.start();
    this.#track(
      started.then(
        () => {},
        () => {},
      ),
    );
    try {
      const worker = await started;
      this.#starting -= 1;
      this.#calls.set(worker, 0);
      if (this.#isClosed) this.#end(worker);
      else this.#offer(worker);
    } catch {
      this.#starting -= 1;
      // Nobody else will come for who waits.
      if (this.#count() > 0) return;
      for (const waiting of this.#waiting.splice(0)) waiting.fail(unavailable("no worker starts"));
    }
  }

  #enqueue(waitMs: number, signal: AbortSignal): Promise<WorkerProcess> {
    return new Promise((resolve, reject) => {
      const fail = (refusal: Refusal): void => {
        leave();
        reject(refusal);
      };
      const cancel = (): void => fail(new Refusal("CANCELLED"));
      const late = setTimeout(() => fail(unavailable("no sandbox became free")), waitMs);
      const waiting: Waiting = {
        take: (worker) => {
          leave();
          resolve(worker);
        },
        fail,
      };
      const leave = (): void => {
        clearTimeout(late);
        signal.removeEventListener("abort", cancel);
        const at = this.#waiting.indexOf(waiting);
        if (at >= 0) this.#waiting.splice(at, 1);
      };
      signal.addEventListener("abort", cancel, { once: true });
      this.#waiting.push(waiting);
    });
  }
}

interface Waiting {
  take(worker: WorkerProcess): void;
  fail(refusal: Refusal): void;
}

function unavailable(detail: string): Refusal {
  return new Refusal("SANDBOX_UNAVAILABLE", detail);
}
