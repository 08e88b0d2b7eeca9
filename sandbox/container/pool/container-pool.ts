import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import {
  unavailable,
  type WaitingCall as Waiting,
  WaitingCalls,
} from "../../pool/waiting-calls.ts";
import type { Cordon } from "./cordon.ts";
import { Demand } from "./demand.ts";
import { Fleet, type FleetOptions } from "./fleet.ts";
import type { Standing } from "./standing.ts";

type WaitingCall = Waiting<Cordon, Standing>;

/**
 * Containers that wait for one call each, and are gone after it. Of a cordon that was called lately
 * some wait, as many as its calls come; where there is no room, the one that was needed longest ago
 * makes place for a call that has none.
 */
export class ContainerPool {
  readonly #options: FleetOptions;
  readonly #fleet: Fleet;
  readonly #waiting: WaitingCalls<Cordon, Standing> = new WaitingCalls(
    containerLimits.containerQueue,
  );
  /** The least recently called first. */
  readonly #demands: Map<string, Demand> = new Map();
  readonly #housekeeping: NodeJS.Timeout;
  #refilling: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#fleet = new Fleet(options, {
      changed: () => this.#serve(),
      failed: (cordon, reason) => this.#failed(cordon, reason),
    });
    this.#housekeeping = setInterval(() => this.tick(), containerLimits.containerTickMs).unref();
  }

  /**
   * A container for one call. `waitMs` bounds the wait for one.
   *
   * @throws {Refusal} `SANDBOX_UNAVAILABLE`, `CANCELLED`; where none starts, what the launcher said.
   */
  take(cordon: Cordon, waitMs: number, signal: AbortSignal): Promise<Standing> {
    if (this.#isClosed) return Promise.reject(closed());
    if (signal.aborted) return Promise.reject(new Refusal("CANCELLED"));
    const since = this.#options.now();
    this.#called(cordon, since);
    const taken = this.#waiting.join(cordon, { since, waitMs, signal });
    this.#serve();
    return taken;
  }

  /** Every container that `take` gave has to come back when its call is over; it ends. */
  give(standing: Standing): void {
    this.#fleet.release(standing);
  }

  /** Ends what nobody needed for long, and looks whether more should wait. */
  tick(): void {
    const now = this.#options.now();
    this.#fleet.endIdle();
    for (const [key, demand] of this.#demands) {
      if (demand.isPast(now)) this.#demands.delete(key);
    }
    this.#serve();
  }

  /** Resolves when no container is left. Calls under way end as cancelled or lost. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#housekeeping);
    clearTimeout(this.#refilling);
    this.#waiting.failAll(closed());
    await this.#fleet.close();
  }

  #called(cordon: Cordon, now: number): void {
    const demand = this.#demands.get(cordon.key) ?? new Demand(cordon);
    this.#demands.delete(cordon.key);
    this.#demands.set(cordon.key, demand);
    demand.called(now);
    const [oldest] = this.#demands.keys();
    if (this.#demands.size > containerLimits.containerCordons && oldest !== undefined) {
      this.#demands.delete(oldest);
    }
  }

  /** Gives out what waits, in turns, and sees to what is missing. */
  #serve(): void {
    if (this.#isClosed) return;
    const left = this.#waiting.inTurn().filter((call) => !this.#assign(call));
    const promised = new Promised();
    // Whoever comes later in turn does not get the room that the first one waits for.
    left.every((call) => this.#secure(call, promised));
    this.#refillSoon();
  }

  #assign(call: WaitingCall): boolean {
    const standing = this.#fleet.employ(call.cordon);
    if (!standing) return false;
    this.#demands.get(call.cordon.key)?.worked();
    call.take(standing);
    return true;
  }

  /** Sees to it that a container comes for this call. False where there is no room, nor will be. */
  #secure(call: WaitingCall, promised: Promised): boolean {
    const { cordon } = call;
    if (promised.takeStart(cordon, this.#fleet)) return true;
    const refusal = this.#demands.get(cordon.key)?.refusal(this.#options.now());
    if (refusal) {
      call.fail(refusal);
      return true;
    }
    while (!this.#fleet.fits([...promised.room, cordon])) {
      if (!this.#fleet.evict((a, b) => this.#calledAt(a) - this.#calledAt(b))) return false;
    }
    if (this.#fleet.fitsNow(cordon)) {
      this.#fleet.start(cordon);
      promised.takeStart(cordon, this.#fleet);
    } else promised.room.push(cordon);
    return true;
  }

  #calledAt({ key }: Cordon): number {
    return this.#demands.get(key)?.calledAt ?? 0;
  }

  #failed(cordon: Cordon, reason: unknown): void {
    this.#demands.get(cordon.key)?.failed(this.#options.now(), reason);
  }

  /** By then most answers have left: what is started for later does not hold them up. */
  #refillSoon(): void {
    this.#refilling ??= setTimeout(() => {
      this.#refilling = undefined;
      this.#refill();
    }, containerLimits.containerRefillMs).unref();
  }

  /** One after the other, and never at the cost of another: who waits comes first. */
  #refill(): void {
    if (this.#waiting.size > 0 || this.#fleet.count("starts") > 0) return;
    const now = this.#options.now();
    const short = [...this.#demands.values()].filter(
      (demand) =>
        demand.refusal(now) === undefined &&
        this.#fleet.count("waits", demand.cordon.key) < demand.spares(now) &&
        this.#fleet.fitsNow(demand.cordon),
    );
    const last = short.at(-1);
    if (last) this.#fleet.start(last.cordon);
  }
}

/** What one look at the waiting calls has promised to some of them. */
class Promised {
  /** Containers that will start where others end. */
  readonly room: Cordon[] = [];
  readonly #starts: Map<string, number> = new Map();

  /** Whether one that starts is promised to nobody yet; it is now. */
  takeStart({ key }: Cordon, fleet: Fleet): boolean {
    const taken = this.#starts.get(key) ?? 0;
    if (taken >= fleet.count("starts", key)) return false;
    this.#starts.set(key, taken + 1);
    return true;
  }
}

function closed(): Refusal {
  return unavailable("the sandbox is closed");
}
