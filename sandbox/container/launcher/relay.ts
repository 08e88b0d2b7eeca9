import type { Readable } from "node:stream";
import { containerLimits } from "../../../manifests/container-limits.ts";
import type { Connection } from "../link/connection.ts";
import { type Frame, FrameDecoder } from "../link/frame.ts";

export interface RelayBounds {
  readonly outputBytes: number;
  /** Nothing is handed on after it. */
  readonly signal: AbortSignal;
}

/**
 * Hands on what a container says, no faster than it is taken. Resolves with false where it says more
 * than `outputBytes`, of which no more is handed on.
 *
 * @throws {Error} where the engine breaks off or sends what is no frame of a program's.
 */
export async function relay(
  stream: Readable,
  connection: Connection,
  { outputBytes, signal }: RelayBounds,
): Promise<boolean> {
  let left = outputBytes;
  for await (const { kind, bytes } of framesOf(stream)) {
    if (kind !== "stdout" && kind !== "stderr") throw new Error("no output of a program");
    left -= bytes.length;
    if (left < 0) return false;
    if (signal.aborted) return true;
    if (!connection.send(kind, bytes)) await connection.drained();
  }
  return true;
}

async function* framesOf(stream: Readable): AsyncGenerator<Frame> {
  const decoder = new FrameDecoder(containerLimits.engineFrameBytes);
  for await (const chunk of stream) yield* decoder.push(chunk as Buffer);
}
