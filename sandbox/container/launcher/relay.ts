import type { Readable } from "node:stream";
import { containerLimits } from "../../../manifests/container-limits.ts";
import type { Connection } from "../link/connection.ts";
import { type Frame, FrameDecoder } from "../link/frame.ts";

/**
 * Hands on what a container says, no faster than it is taken. Resolves with false where it says more
 * than `bytesCeiling`, of which no more is handed on.
 *
 * @throws {Error} where the engine breaks off or sends what is no frame of a program's.
 */
export async function relay(
  stream: Readable,
  connection: Connection,
  bytesCeiling: number,
): Promise<boolean> {
  let left = bytesCeiling;
  for await (const { kind, bytes } of framesOf(stream)) {
    if (kind !== "stdout" && kind !== "stderr") throw new Error("no output of a program");
    left -= bytes.length;
    if (left < 0) return false;
    if (!connection.send(kind, bytes)) await connection.drained();
  }
  return true;
}

async function* framesOf(stream: Readable): AsyncGenerator<Frame> {
  const decoder = new FrameDecoder(containerLimits.engineFrameBytes);
  for await (const chunk of stream) yield* decoder.push(chunk as Buffer);
}
