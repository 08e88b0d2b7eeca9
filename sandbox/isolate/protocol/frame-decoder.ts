import { isJsonObject, type JsonObject } from "../../../manifests/json.ts";
import { limits } from "../../../manifests/limits.ts";
import { parseStrictJson } from "../../../manifests/strict-json.ts";

/**
 * Cuts the bytes of a worker into frames: four bytes of length, then that much JSON, an object.
 * A worker is not trusted, so anything else throws, and the worker is done for. However it cuts its
 * bytes, one frame is held at most, and each byte is copied once.
 */
export class FrameDecoder {
  readonly #head = Buffer.alloc(4);
  /** Undefined until the head is there. */
  #body: Buffer | undefined;
  /** Bytes of what is being filled, head or body. */
  #filled = 0;

  /** True where no frame has begun. */
  get isEmpty(): boolean {
    return this.#body === undefined && this.#filled === 0;
  }

  /** The frames that `chunk` completes. */
  push(chunk: Buffer): JsonObject[] {
    const frames: JsonObject[] = [];
    for (let at = 0; at < chunk.length; ) {
      const target = this.#body ?? this.#head;
      const copied = chunk.copy(target, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled < target.length) break;
      this.#filled = 0;
      if (this.#body) frames.push(parseFrame(this.#body));
      this.#body = this.#body ? undefined : this.#newBody();
    }
    return frames;
  }

  #newBody(): Buffer {
    const length = this.#head.readUInt32BE(0);
    if (length === 0 || length > limits.frameBytes) throw new Error(`a frame of ${length} bytes`);
    return Buffer.allocUnsafe(length);
  }
}

function parseFrame(bytes: Buffer): JsonObject {
  const frame = parseStrictJson(bytes);
  if (!isJsonObject(frame)) throw new Error("a frame that is no object");
  return frame;
}

export function encodeFrame(frame: object): Buffer {
  return encodeText(JSON.stringify(frame));
}

/** @param text the JSON of an object. */
export function encodeText(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(4 + length);
  bytes.writeUInt32BE(length, 0);
  bytes.write(text, 4);
  return bytes;
}
