import { setTimeout as sleep } from "node:timers/promises";

/** As `promise` does, or rejects after `ms`; what it was waiting for goes on. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error(`no answer within ${ms} ms`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}
