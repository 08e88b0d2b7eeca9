import { Refusal } from "../../manifests/refusals.ts";

/**
 * Lets so many through at a time; the others wait, first come first served. How many may wait is
 * bounded by who comes.
 */
export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** @throws {Refusal} `CANCELLED` where `signal` is aborted before it is let through. */
  async pass<T>(use: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) throw new Refusal("CANCELLED");
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    try {
      return await use();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      const at = this.#waiting.indexOf(resolve);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      reject(new Refusal("CANCELLED"));
    };
    this.#waiting.push(resolve);
    signal?.addEventListener("abort", leave, { once: true });
    await promise.finally(() => signal?.removeEventListener("abort", leave));
  }
}
