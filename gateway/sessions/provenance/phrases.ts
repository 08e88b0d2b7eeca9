import { provenanceLimits } from "../../../manifests/provenance-limits.ts";

/**
 * Texts as runs of words, so that a part of one is found again whole. What is looked for is compared
 * only where its rarest two neighbours stand together, so a look-up does not grow with the texts.
 * Numbers in tables: a session's texts are kept for as long as it lives.
 */
export class Phrases {
  /** Once texts were left out, what is not found may have stood in one of them. */
  isFull = false;
  readonly #ids = new Map<string, number>();
  /** Numbers of words, one text after the other; zero between texts, and at the start. */
  #words = new Int32Array(firstPlaces);
  /** For each place, where the same two words stood before; zero at the first. */
  #earlier = new Int32Array(firstPlaces);
  #length = 1;
  readonly #pairs: PairTable = new PairTable();

  /** `words` without punctuation, in the form in which they are looked for. */
  add(words: readonly string[]): void {
    for (const word of words) {
      if (this.#length >= provenanceLimits.indexedWords) {
        this.isFull = true;
        return;
      }
      this.#push(this.#idOf(word));
    }
    this.#push(0);
  }

  /**
   * Whether the words stand somewhere, in this order and next to each other. Words that stand
   * everywhere are not looked for everywhere: then nobody can tell.
   */
  has(words: readonly string[]): "yes" | "no" | "unclear" {
    const ids = words.map((word) => this.#ids.get(word) ?? 0);
    const isKnown = ids.length > 0 && !ids.includes(0);
    const found = isKnown ? this.#find(ids) : "no";
    return found === "no" && this.isFull ? "unclear" : found;
  }

  /** Each once. */
  words(): readonly string[] {
    return [...this.#ids.keys()];
  }

  #find(ids: readonly number[]): "yes" | "no" | "unclear" {
    if (ids.length === 1) return "yes";
    const { last, offset } = this.#rarest(ids);
    let at = last;
    for (let tries = 0; at > 0; tries += 1) {
      if (tries === provenanceLimits.phraseTries) return "unclear";
      if (this.#standsAt(ids, at - offset)) return "yes";
      at = this.#earlier[at] ?? 0;
    }
    return "no";
  }

  #idOf(word: string): number {
    const known = this.#ids.get(word);
    if (known !== undefined) return known;
    const id = this.#ids.size + 1;
    this.#ids.set(word, id);
    return id;
  }

  #push(id: number): void {
    if (this.#length === this.#words.length) this.#grow();
    const at = this.#length;
    this.#words[at] = id;
    this.#length += 1;
    if (id !== 0) this.#earlier[at] = this.#pairs.put(this.#words, at);
  }

  #grow(): void {
    const [words, earlier] = [this.#words, this.#earlier];
    this.#words = new Int32Array(words.length * 2);
    this.#earlier = new Int32Array(words.length * 2);
    this.#words.set(words);
    this.#earlier.set(earlier);
  }

  /** Where the rarest pair stood last, zero for nowhere; `offset`: of its second word in the phrase. */
  #rarest(ids: readonly number[]): { readonly last: number; readonly offset: number } {
    let rarest = { last: 0, offset: 1, count: Number.POSITIVE_INFINITY };
    for (let offset = 1; offset < ids.length && rarest.count > 0; offset += 1) {
      const pair = this.#pairs.find(this.#words, ids[offset - 1] ?? 0, ids[offset] ?? 0);
      if (pair.count < rarest.count) rarest = { ...pair, offset };
    }
    return rarest;
  }

  #standsAt(ids: readonly number[], start: number): boolean {
    return start > 0 && ids.every((id, index) => this.#words[start + index] === id);
  }
}

/** A power of two. */
const firstPlaces = 256;

/** Of each two neighbours, where the second stood last, and how often. Open addressing. */
class PairTable {
  #last = new Int32Array(firstPlaces * 2);
  #count = new Int32Array(firstPlaces * 2);
  #size = 0;

  /** The pair that ends at a place; returns where it ended before, or zero. */
  put(words: Int32Array, at: number): number {
    if (this.#size * 2 >= this.#last.length) this.#grow(words);
    const slot = this.#slotOf(words, words[at - 1] ?? 0, words[at] ?? 0);
    const before = this.#last[slot] ?? 0;
    if (before === 0) this.#size += 1;
    this.#last[slot] = at;
    this.#count[slot] = (this.#count[slot] ?? 0) + 1;
    return before;
  }

  find(words: Int32Array, first: number, second: number): { last: number; count: number } {
    const slot = this.#slotOf(words, first, second);
    return { last: this.#last[slot] ?? 0, count: this.#count[slot] ?? 0 };
  }

  /** Its own, or the free one that it would get. Half of them are free, so it ends. */
  #slotOf(words: Int32Array, first: number, second: number): number {
    const mask = this.#last.length - 1;
    let slot = (Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)) >>> 0;
    for (slot = (slot ^ (slot >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const at = this.#last[slot] ?? 0;
      if (at === 0 || (words[at - 1] === first && words[at] === second)) return slot;
    }
  }

  #grow(words: Int32Array): void {
    const [last, count] = [this.#last, this.#count];
    this.#last = new Int32Array(last.length * 2);
    this.#count = new Int32Array(last.length * 2);
    for (const [from, at] of last.entries()) {
      if (at === 0) continue;
      const slot = this.#slotOf(words, words[at - 1] ?? 0, words[at] ?? 0);
      this.#last[slot] = at;
      this.#count[slot] = count[from] ?? 0;
    }
  }
}
