import { Transform } from "node:stream";

/** Passes bytes on, and tells of each portion before; what `count` throws ends the stream. */
export function meter(count: (bytes: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      try {
        count(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
