import { quantile } from "./quantile.ts";

/** Milliseconds that a timer of this process fired too late. */
export interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface LoopWatch {
  /** What was seen since the last time, or since the start. */
  take(): LoopDelay;
}

const everyMs = 5;

/**
 * Watches this process's event loop. A stall of 100 ms counts as every timer that would have fired
 * in it, not as one late timer among many that were in time.
 */
export function watchLoop(): LoopWatch {
  let delays: number[] = [];
  let due = performance.now() + everyMs;
  setInterval(() => {
    const now = performance.now();
    delays.push(Math.max(0, now - due));
    for (let missed = now - due - everyMs; missed > 0; missed -= everyMs) delays.push(missed);
    due = now + everyMs;
  }, everyMs).unref();
  return {
    take() {
      const seen = delays;
      delays = [];
      return { p50Ms: quantile(seen, 0.5), p99Ms: quantile(seen, 0.99), maxMs: quantile(seen, 1) };
    },
  };
}
