import { setTimeout as sleep } from "node:timers/promises";

/** What was waited for has not come in time; what came of it nobody knows. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** As `promise` does, or rejects with `NoAnswer` after `ms`; what it was waiting for goes on. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(ms, undefined, { signal: over.signal }).then(() => {
    throw new NoAnswer(`no answer within ${ms} ms`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}
