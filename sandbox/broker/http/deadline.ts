/** A signal that follows others, and comes at the latest after a time; let go of, it follows nobody. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #followed: readonly AbortSignal[];
  readonly #timer: NodeJS.Timeout;
  readonly #abort = (): void => this.#controller.abort();

  constructor(mostMs: number, followed: readonly AbortSignal[]) {
    this.#followed = followed;
    this.#timer = setTimeout(this.#abort, mostMs);
    for (const signal of followed) {
      if (signal.aborted) this.#abort();
      else signal.addEventListener("abort", this.#abort);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): void {
    clearTimeout(this.#timer);
    for (const signal of this.#followed) signal.removeEventListener("abort", this.#abort);
  }
}
