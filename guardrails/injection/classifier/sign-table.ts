/** Signs by the hash of a word; of what it does not know it says 0, without a look at most of the table. */
export class SignTable {
  readonly #keys: Int32Array;
  readonly #signs: Uint8Array;
  readonly #mask: number;
  /** Of each part of a hash, whether any known one has it. */
  readonly #known: Uint8Array = new Uint8Array(parts);

  constructor(entries: readonly SignEntry[]) {
    const size = 2 ** Math.ceil(Math.log2(entries.length * 2 + 2));
    this.#mask = size - 1;
    this.#keys = new Int32Array(size);
    this.#signs = new Uint8Array(size);
    for (const { hash, sign } of entries) this.#set(hash, sign);
  }

  get(hash: number): number {
    if (this.#known[(hash >>> 8) & (parts - 1)] === 0) return 0;
    return this.#signs[this.#slotOf(hash)] ?? 0;
  }

  #set(hash: number, sign: number): void {
    const slot = this.#slotOf(hash);
    this.#keys[slot] = hash;
    this.#signs[slot] = sign;
    this.#known[(hash >>> 8) & (parts - 1)] = 1;
  }

  /** Ends: at most half of the slots are taken. */
  #slotOf(hash: number): number {
    let slot = hash & this.#mask;
    while (this.#signs[slot] !== 0 && this.#keys[slot] !== (hash | 0)) {
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }
}

export interface SignEntry {
  /** 32 bits, signed. */
  readonly hash: number;
  /** From 1 to 255. */
  readonly sign: number;
}

const parts = 65_536;
