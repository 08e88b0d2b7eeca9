import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "./quantile.ts";

export interface OpenLoop {
  readonly perSecond: number;
  readonly seconds: number;
  call(): Promise<unknown>;
}

export interface OpenLoopResult {
  readonly calls: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Calls at a constant rate, however long the answers take. Each latency counts from the moment at
 * which its call was due, so that a stall is paid for by every call that it made late.
 */
export async function runOpenLoop({ perSecond, seconds, call }: OpenLoop): Promise<OpenLoopResult> {
  const startedAt = performance.now();
  const total = Math.max(1, Math.floor(perSecond * seconds));
  const latencies: number[] = [];
  let failed = 0;
  const one = async (dueAt: number): Promise<void> => {
    try {
      await call();
      latencies.push(performance.now() - dueAt);
    } catch {
      failed += 1;
    }
  };
  const underWay: Promise<void>[] = [];
  while (underWay.length < total) {
    const dueAt = startedAt + (underWay.length * 1_000) / perSecond;
    const now = performance.now();
    if (dueAt <= now) underWay.push(one(dueAt));
    else await sleep(dueAt - now);
  }
  await Promise.all(underWay);
  const at = (part: number): number => quantile(latencies, part);
  return { calls: total, failed, p50Ms: at(0.5), p99Ms: at(0.99) };
}
