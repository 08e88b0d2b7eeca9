import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { Cordon } from "./cordon.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** A call without a worker. It has left the queue as soon as it took one or failed. */
export interface WaitingCall {
  readonly cordon: Cordon;
  /** Milliseconds of the pool's clock. */
  readonly since: number;
  take(worker: WorkerProcess): void;
  fail(refusal: Refusal): void;
}

export interface Wait {
  readonly since: number;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Calls that wait, in one line for each principal. The lines take turns, and the longest one gives
 * way where all of them together are too long: nobody keeps others out by asking more.
 */
export class WaitingCalls {
  /** In the order of their turns. */
  readonly #lines: Map<string, WaitingCall[]> = new Map();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /**
   * @throws {Refusal} `SANDBOX_UNAVAILABLE` after `waitMs` or for want of room, `CANCELLED`.
   */
  join(cordon: Cordon, wait: Wait): Promise<WorkerProcess> {
    if (this.#size >= limits.workerQueue && !this.#makeRoomFor(cordon.principal)) {
      return Promise.reject(unavailable("too many calls wait for a sandbox"));
    }
    return new Promise((resolve, reject) => this.#enter(cordon, wait, { resolve, reject }));
  }

  /** The first call of each line, then the second of each, and so on. */
  inTurn(): readonly WaitingCall[] {
    const calls: WaitingCall[] = [];
    for (let place = 0; calls.length < this.#size; place += 1) {
      for (const line of this.#lines.values()) {
        const call = line[place];
        if (call) calls.push(call);
      }
    }
    return calls;
  }

  failAll(refusal: Refusal): void {
    for (const call of this.inTurn()) call.fail(refusal);
  }

  #enter(cordon: Cordon, { since, waitMs, signal }: Wait, promise: Settle): void {
    const leave = (): void => {
      clearTimeout(late);
      signal.removeEventListener("abort", cancel);
      this.#remove(call);
    };
    const call: WaitingCall = {
      cordon,
      since,
      take: (worker) => {
        leave();
        this.#endTurn(cordon.principal);
        promise.resolve(worker);
      },
      fail: (refusal) => {
        leave();
        promise.reject(refusal);
      },
    };
    const cancel = (): void => call.fail(new Refusal("CANCELLED"));
    const late = setTimeout(() => call.fail(unavailable("no sandbox became free")), waitMs);
    signal.addEventListener("abort", cancel, { once: true });
    this.#lineOf(cordon.principal).push(call);
    this.#size += 1;
  }

  #lineOf(principal: string): WaitingCall[] {
    const line = this.#lines.get(principal) ?? [];
    this.#lines.set(principal, line);
    return line;
  }

  #remove(call: WaitingCall): void {
    const { principal } = call.cordon;
    const line = this.#lines.get(principal) ?? [];
    line.splice(line.indexOf(call), 1);
    this.#size -= 1;
    if (line.length === 0) this.#lines.delete(principal);
  }

  #endTurn(principal: string): void {
    const line = this.#lines.get(principal);
    if (!line) return;
    this.#lines.delete(principal);
    this.#lines.set(principal, line);
  }

  #makeRoomFor(principal: string): boolean {
    const longest = [...this.#lines.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
    const own = this.#lines.get(principal)?.length ?? 0;
    if (longest.length <= own + 1) return false;
    longest.at(-1)?.fail(unavailable("too many calls of this principal wait for a sandbox"));
    return true;
  }
}

interface Settle {
  resolve(worker: WorkerProcess): void;
  reject(refusal: Refusal): void;
}

export function unavailable(detail: string): Refusal {
  return new Refusal("SANDBOX_UNAVAILABLE", detail);
}
