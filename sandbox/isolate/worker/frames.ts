import { readSync, writeSync } from "node:fs";

/** The next frame from the gateway, or undefined where the pipe has ended. Blocks. */
export function readFrame<T>(): T | undefined {
  const head = readBytes(4);
  const body = head && readBytes(head.readUInt32BE(0));
  return body && (JSON.parse(body.toString("utf8")) as T);
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
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(4 + length);
  bytes.writeUInt32BE(length, 0);
  bytes.write(text, 4);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}
