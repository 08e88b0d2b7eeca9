import type { Readable, Writable } from "node:stream";

/**
 * Hands on what comes, as fast as it is taken, and then its end. `count` is told of each portion
 * before it goes on; what it throws ends both. Rejects with whatever ended either of them too soon.
 */
export function pump(from: Readable, to: Writable, count: (bytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error?: Error | null): void => {
      const reason = error ?? new Error("one side has left");
      from.destroy(reason);
      to.destroy(reason);
      reject(reason);
    };
    from.on("data", (chunk: Buffer) => {
      try {
        count(chunk.length);
        if (!to.write(chunk)) from.pause();
      } catch (error) {
        fail(error as Error);
      }
    });
    to.on("drain", () => from.resume());
    const end = (): void => void to.end();
    if (from.readableEnded) end();
    else from.once("end", end);
    to.once("finish", resolve);
    const onFromClosed = (): void => void (from.readableEnded || fail(from.errored));
    const onToClosed = (): void => void (to.writableFinished || fail(to.errored));
    from.once("error", fail).once("close", onFromClosed);
    to.once("error", fail).once("close", onToClosed);
    // One of them may have left before.
    if (from.closed) onFromClosed();
    if (to.closed) onToClosed();
  });
}
