import type { JsonObject } from "../../manifests/json.ts";
import type { RefusalCode } from "../../manifests/refusals.ts";
import type { Clock } from "../deps.ts";
import type { RecordStore } from "../store/store.ts";

export interface DoorCounterOptions {
  readonly record: Pick<RecordStore, "append">;
  readonly clock: Clock;
  /** Pairs of code and address that are told apart; beyond, a code's addresses are `others`. */
  readonly pairs: number;
  readonly flushMs: number;
  /** Told when counts could not be written; they are kept and written with the next. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * What was refused at the door, counted and written as one event now and then: a stranger who knocks
 * a million times fills neither the record nor memory.
 */
export class DoorCounter {
  readonly #options: DoorCounterOptions;
  readonly #counts = new Map<string, { code: RefusalCode; address: string; count: number }>();
  readonly #timer: NodeJS.Timeout;
  #since: number;

  constructor(options: DoorCounterOptions) {
    this.#options = options;
    this.#since = options.clock.now();
    this.#timer = setInterval(() => void this.flush(), options.flushMs).unref();
  }

  count(code: RefusalCode, address: string, times: number = 1): void {
    const isNew = !this.#counts.has(`${code} ${address}`);
    const isFull = this.#counts.size >= this.#options.pairs;
    this.#add(code, isNew && isFull ? "others" : address, times);
  }

  /** Never rejects. */
  async flush(): Promise<void> {
    if (this.#counts.size === 0) return;
    const refusals = [...this.#counts.values()];
    const since = this.#since;
    this.#counts.clear();
    this.#since = this.#options.clock.now();
    try {
      await this.#options.record.append(eventOf(refusals, since, this.#since));
    } catch (error) {
      for (const { code, address, count } of refusals) this.count(code, address, count);
      this.#since = since;
      this.#options.onFailure(error);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  #add(code: RefusalCode, address: string, times: number): void {
    const entry = this.#counts.get(`${code} ${address}`);
    if (entry === undefined)
      this.#counts.set(`${code} ${address}`, { code, address, count: times });
    else entry.count += times;
  }
}

function eventOf(refusals: readonly JsonObject[], since: number, until: number): JsonObject {
  return { kind: "door", since, until, refusals: [...refusals] };
}
