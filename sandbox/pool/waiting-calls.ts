import { Refusal } from "../../manifests/refusals.ts";

/** A call without a worker. It has left the queue as soon as it took one or failed. */
export interface WaitingCall<Cordon, Worker> {
  readonly cordon: Cordon;
  /** Milliseconds of the pool's clock. */
  readonly since: number;
  take(worker: Worker): void;
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
export class WaitingCalls<Cordon extends { readonly principal: string }, Worker> {
  /** In the order of their turns. */
  readonly #lines: Map<string, WaitingCall<Cordon, Worker>[]> = new Map();
  readonly #most: number;
  #size = 0;

  /** @param most of all principals together. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * @throws {Refusal} `SANDBOX_UNAVAILABLE` after `waitMs` or for want of room, `CANCELLED`.
   */
  join(cordon: Cordon, wait: Wait): Promise<Worker> {
    if (this.#size >= this.#most && !this.#makeRoomFor(cordon.principal)) {
      return Promise.reject(unavailable("too many calls wait for a sandbox"));
    }
    return new Promise((resolve, reject) => this.#enter(cordon, wait, { resolve, reject }));
  }

  /** The first call of each line, then the second of each, and so on. */
  inTurn(): readonly WaitingCall<Cordon, Worker>[] {
    const calls: WaitingCall<Cordon, Worker>[] = [];
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

  #enter(cordon: Cordon, { since, waitMs, signal }: Wait, promise: Settle<Worker>): void {
    const leave = (): void => {
      clearTimeout(late);
      signal.removeEventListener("abort", cancel);
      this.#remove(call);
    };
    const call: WaitingCall<Cordon, Worker> = {
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

  #lineOf(principal: string): WaitingCall<Cordon, Worker>[] {
    const line = this.#lines.get(principal) ?? [];
    this.#lines.set(principal, line);
    return line;
  }

  #remove(call: WaitingCall<Cordon, Worker>): void {
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

interface Settle<Worker> {
  resolve(worker: Worker): void;
  reject(refusal: Refusal): void;
}

export function unavailable(detail: string): Refusal {
  return new Refusal("SANDBOX_UNAVAILABLE", detail);
}
