/** Counts by key within one minute, in bounded memory. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #keys: number;
  readonly #monotonic: () => number;
  readonly #counts = new Map<string, number>();
  #minute = 0;

  /**
   * @param rate what is allowed a minute, and how many keys are counted.
   * @param monotonic milliseconds from any fixed point.
   */
  constructor(
    rate: { readonly perMinute: number; readonly keys: number },
    monotonic: () => number,
  ) {
    this.#perMinute = rate.perMinute;
    this.#keys = rate.keys;
    this.#monotonic = monotonic;
  }

  /** Counts one. Undefined where it is within the limit; else the seconds to wait, at least 1. */
  hit(key: string): number | undefined {
    const now = this.#monotonic();
    this.#turn(Math.floor(now / minuteMs));
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    this.#forgetOldest();
    return count <= this.#perMinute ? undefined : Math.ceil((minuteMs - (now % minuteMs)) / 1_000);
  }

  #turn(minute: number): void {
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#counts.clear();
  }

  #forgetOldest(): void {
    const [oldest] = this.#counts.size > this.#keys ? this.#counts.keys() : [];
    if (oldest !== undefined) this.#counts.delete(oldest);
  }
}

const minuteMs = 60_000;
