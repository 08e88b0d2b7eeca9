import { isJsonObject, type JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { parseStrictJson } from "../../manifests/strict-json.ts";

/**
 * Cuts the bytes of a worker into frames: four bytes of length, then that much JSON, an object.
 * A worker is not trusted, so anything else throws, and the worker is done for.
 */
export class FrameDecoder {
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes of the frame under way, its head included; joined only when they are all there. */
  #needed = 4;

  /** True where no frame has begun. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** The frames that `chunk` completes. */
  push(chunk: Buffer): JsonObject[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const frames: JsonObject[] = [];
    while (this.#size >= this.#needed) {
      const frame = this.#advance();
      if (frame) frames.push(frame);
    }
    return frames;
  }

  #advance(): JsonObject | undefined {
    const held = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    const bytes = held ?? Buffer.alloc(0);
    const length = bytes.readUInt32BE(0);
    if (length > limits.frameBytes) throw new Error(`a frame of ${length} bytes`);
    const isWhole = bytes.length >= 4 + length;
    const rest = isWhole ? bytes.subarray(4 + length) : bytes;
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    this.#needed = isWhole ? 4 : 4 + length;
    return isWhole ? parseFrame(bytes.subarray(4, 4 + length)) : undefined;
  }
}

function parseFrame(bytes: Buffer): JsonObject {
  const frame = parseStrictJson(bytes);
  if (!isJsonObject(frame)) throw new Error("a frame that is no object");
  return frame;
}

export function encodeFrame(frame: object): Buffer {
  const text = JSON.stringify(frame);
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(4 + length);
  bytes.writeUInt32BE(length, 0);
  bytes.write(text, 4);
  return bytes;
}
