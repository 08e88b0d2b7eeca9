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
    from.once("end", () => to.end());
    to.once("finish", resolve);
    from.once("error", fail).once("close", () => from.readableEnded || fail(from.errored));
    to.once("error", fail).once("close", () => to.writableFinished || fail(to.errored));
  });
}
