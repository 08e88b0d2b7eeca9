/** The first pause, doubled after each failure, and the longest. */
export interface Pauses {
  readonly firstMs: number;
  readonly ceilingMs: number;
}

/** Starts of one kind of worker, and the pause after each that came to nothing. */
export class StartPause {
  underWay = 0;
  readonly #pauses: Pauses;
  #failures = 0;
  #until = 0;

  constructor(pauses: Pauses) {
    this.#pauses = pauses;
  }

  leftMs(now: number): number {
    return Math.max(0, this.#until - now);
  }

  /** Starts that were under way together have failed together: the pause after them is one. */
  failed(now: number): void {
    if (this.leftMs(now) > 0) return;
    const pauseMs = this.#pauses.firstMs * 2 ** Math.min(this.#failures, 20);
    this.#until = now + Math.min(pauseMs, this.#pauses.ceilingMs);
    this.#failures += 1;
  }

  /** A worker that starts and dies before its first call has not worked. */
  worked(): void {
    this.#failures = 0;
    this.#until = 0;
  }
}
