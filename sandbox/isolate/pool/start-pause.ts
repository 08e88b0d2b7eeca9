import { limits } from "../../../manifests/limits.ts";

/** Starts of one kind of worker, and the pause after each that came to nothing. */
export class StartPause {
  underWay = 0;
  #failures = 0;
  #until = 0;

  leftMs(now: number): number {
    return Math.max(0, this.#until - now);
  }

  failed(now: number): void {
    const pauseMs = limits.workerPauseMs * 2 ** Math.min(this.#failures, 20);
    this.#until = now + Math.min(pauseMs, limits.workerPauseMsCeiling);
    this.#failures += 1;
  }

  /** A worker that starts and dies before its first call has not worked. */
  worked(): void {
    this.#failures = 0;
    this.#until = 0;
  }
}
