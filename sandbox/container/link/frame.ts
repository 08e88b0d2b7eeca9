import { containerLimits } from "../../../manifests/container-limits.ts";
import { Breach } from "./breach.ts";

/** What a frame carries: the engine's own three streams, and words of gateway and launcher. */
export type FrameKind = (typeof kinds)[number];
const kinds = ["stdin", "stdout", "stderr", "word"] as const;

export interface Frame {
  readonly kind: FrameKind;
  readonly bytes: Buffer;
}

const headBytes = 8;

/**
 * Cuts bytes into frames: a byte that says the kind, three zeros, four bytes of length, big-endian,
 * and that much of whatever it is, but never nothing. So does the engine with what a program says.
 * Anything else throws, and the connection is done for. However the bytes are cut, one frame is held
 * at most, and each byte is copied once.
 */
export class FrameDecoder {
  readonly #bytesCeiling: number;
  readonly #head = Buffer.alloc(headBytes);
  /** Undefined until the head is there. */
  #body: Buffer | undefined;
  /** Bytes of what is being filled, head or body. */
  #filled = 0;

  constructor(bytesCeiling: number) {
    this.#bytesCeiling = bytesCeiling;
  }

  /** The frames that `chunk` completes. @throws {Breach} for what is no frame. */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    for (let at = 0; at < chunk.length; ) {
      const target = this.#body ?? this.#head;
      const copied = chunk.copy(target, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled < target.length) break;
      this.#filled = 0;
      if (this.#body) frames.push({ kind: kindOf(this.#head), bytes: this.#body });
      this.#body = this.#body ? undefined : this.#newBody();
    }
    return frames;
  }

  #newBody(): Buffer {
    kindOf(this.#head);
    const length = this.#head.readUInt32BE(4);
    if (length === 0 || length > this.#bytesCeiling) throw new Breach(`a frame of ${length} bytes`);
    return Buffer.allocUnsafe(length);
  }
}

function kindOf(head: Buffer): FrameKind {
  const kind = kinds[head.readUInt8(0)];
  if (kind === undefined || head.readUIntBE(1, 3) !== 0)
    throw new Breach("bytes that are no frame");
  return kind;
}

/** As many frames as the bytes need; none for no bytes. */
export function* framesOf(kind: FrameKind, bytes: Uint8Array): Generator<Buffer> {
  const { linkFrameBytes } = containerLimits;
  for (let at = 0; at < bytes.length; at += linkFrameBytes) {
    yield encodeFrame(kind, bytes.subarray(at, at + linkFrameBytes));
  }
}

function encodeFrame(kind: FrameKind, bytes: Uint8Array): Buffer {
  const frame = Buffer.alloc(headBytes + bytes.length);
  frame.writeUInt8(kinds.indexOf(kind), 0);
  frame.writeUInt32BE(bytes.length, 4);
  frame.set(bytes, headBytes);
  return frame;
}
