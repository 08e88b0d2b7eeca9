/** Bytes as they come, in one piece however they were cut, and never more than a ceiling. */
export class HeldBytes {
  readonly #ceiling: number;
  #room: Buffer = Buffer.alloc(0);
  #length = 0;

  constructor(ceiling: number) {
    this.#ceiling = ceiling;
  }

  get bytes(): Buffer {
    return this.#room.subarray(0, this.#length);
  }

  /** Keeps what there is room for; false where that is not all. */
  push(chunk: Uint8Array): boolean {
    const kept = chunk.subarray(0, this.#ceiling - this.#length);
    this.#grow(this.#length + kept.length);
    this.#room.set(kept, this.#length);
    this.#length += kept.length;
    return kept.length === chunk.length;
  }

  clear(): void {
    this.#room = Buffer.alloc(0);
    this.#length = 0;
  }

  #grow(length: number): void {
    if (length <= this.#room.length) return;
    const room = Buffer.alloc(Math.min(Math.max(length, this.#room.length * 2), this.#ceiling));
    room.set(this.bytes);
    this.#room = room;
  }
}
