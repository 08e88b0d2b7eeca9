import { setTimeout as sleep } from "node:timers/promises";

/** How a call to a peer ended; neither where it had not ended in time. */
export interface Settled {
  readonly output?: string;
  readonly error?: string;
}

/** Resolves in any case, at the latest after `withinMs`. */
export function settled(call: Promise<string>, withinMs: number): Promise<Settled> {
  const done = call.then(
    (output) => ({ output }),
    (error: Error) => ({ error: error.message }),
  );
  return Promise.race([done, sleep(withinMs, {}, { ref: false })]);
}
