import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";

/** How many containers there may be at once, and how much memory all of them may be given. */
export interface Bounds {
  readonly containers: number;
  readonly containersBytes: number;
}

/** Where there may be so many containers of calls. */
export function boundsOf(calls: number): Bounds {
  const containers = calls + containerLimits.containersBeside;
  return { containers, containersBytes: containers * containerLimits.containerShareBytes };
}

/**
 * The place that containers take, by slot. The gateway counts too, but what it says is not believed.
 * A place is given back when the engine has said that its container is gone, not before.
 */
export class Room {
  readonly #bounds: Bounds;
  readonly #taken = new Map<string, number>();
  #bytes = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** @throws {Refusal} `SANDBOX_UNAVAILABLE` where there is none left, or the slot is taken. */
  take(slot: string, bytes: number): void {
    if (this.#taken.has(slot)) throw full("a slot is good for one container");
    if (this.#taken.size >= this.#bounds.containers) throw full("as many containers run as may");
    if (this.#bytes + bytes > this.#bounds.containersBytes) {
      throw full("the containers that run leave no memory for another one");
    }
    this.#taken.set(slot, bytes);
    this.#bytes += bytes;
  }

  has(slot: string): boolean {
    return this.#taken.has(slot);
  }

  giveBack(slot: string): void {
    this.#bytes -= this.#taken.get(slot) ?? 0;
    this.#taken.delete(slot);
  }
}

function full(detail: string): Refusal {
  return new Refusal("SANDBOX_UNAVAILABLE", detail);
}
