import { readSync, writeSync } from "node:fs";
import { limits } from "../../../manifests/limits.ts";
import { parseStrictJson } from "../../../manifests/strict-json.ts";
import { encodeText } from "../protocol/frame-decoder.ts";

/**
 * The next frame from the gateway, or undefined where the pipe has ended. Blocks. The worker trusts
 * the gateway, but not the pipe to be what it was: what is no frame ends the process.
 *
 * @throws {Error} where the bytes are no frame.
 */
export function readFrame<T>(): T | undefined {
  const head = readBytes(4);
  if (!head) return undefined;
  const length = head.readUInt32BE(0);
  if (length > limits.workerFrameBytes) throw new Error(`a frame of ${length} bytes`);
  const body = readBytes(length);
  return body && (parseStrictJson(body) as T);
}

function readBytes(count: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(count);
  for (let at = 0; at < count; ) {
    const got = readSync(0, bytes, at, count - at, null);
    if (got === 0) return undefined;
    at += got;
  }
  return bytes;
}

export function writeFrame(text: string): void {
  const bytes = encodeText(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}
