import { provenanceLimits } from "../../../manifests/provenance-limits.ts";

/**
 * Texts as runs of words, so that a part of one is found again whole. What is looked for is compared
 * only where its rarest two neighbours stand together, so a look-up does not grow with the texts.
 */
export class Phrases {
  /** Once texts were left out, what is not found may have stood in one of them. */
  isFull = false;
  readonly #ids = new Map<string, number>();
  /** Numbers of words, one text after the other; zero between texts. */
  readonly #words: number[] = [];
  /** For each place, where the same two words stood before, and how often; -1 at the first. */
  readonly #earlier: number[] = [];
  readonly #pairs = new Map<number, Pair>();

  /** `words` without punctuation, in the form in which they are looked for. */
  add(words: readonly string[]): void {
    let before = 0;
    for (const word of words) {
      if (this.#words.length >= provenanceLimits.indexedWords) {
        this.isFull = true;
        return;
      }
      const id = this.#idOf(word);
      this.#link(before, id);
      this.#words.push(id);
      before = id;
    }
    this.#words.push(0);
    this.#earlier.push(-1);
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

  #find(ids: readonly number[]): "yes" | "no" | "unclear" {
    if (ids.length === 1) return "yes";
    const { pair, offset } = this.#rarest(ids);
    let at = pair?.last ?? -1;
    for (let tries = 0; at >= 0; tries += 1) {
      if (tries === provenanceLimits.phraseTries) return "unclear";
      if (this.#standsAt(ids, at - offset)) return "yes";
      at = this.#earlier[at] ?? -1;
    }
    return "no";
  }

  /** Each once. */
  words(): readonly string[] {
    return [...this.#ids.keys()];
  }

  #idOf(word: string): number {
    const known = this.#ids.get(word);
    if (known !== undefined) return known;
    const id = this.#ids.size + 1;
    this.#ids.set(word, id);
    return id;
  }

  /** The place about to be filled ends a pair. */
  #link(before: number, id: number): void {
    const key = pairKey(before, id);
    const pair = this.#pairs.get(key);
    this.#earlier.push(pair?.last ?? -1);
    this.#pairs.set(key, { last: this.#words.length, count: (pair?.count ?? 0) + 1 });
  }

  /** `offset`: of the pair's second word in the phrase. */
  #rarest(ids: readonly number[]): { readonly pair: Pair | undefined; readonly offset: number } {
    let [rarest, offset]: [Pair | undefined, number] = [this.#pairOf(ids, 1), 1];
    for (let at = 2; at < ids.length && rarest !== undefined; at += 1) {
      const pair = this.#pairOf(ids, at);
      if (pair === undefined || pair.count < rarest.count) [rarest, offset] = [pair, at];
    }
    return { pair: rarest, offset };
  }

  #pairOf(ids: readonly number[], at: number): Pair | undefined {
    return this.#pairs.get(pairKey(ids[at - 1] ?? 0, ids[at] ?? 0));
  }

  #standsAt(ids: readonly number[], start: number): boolean {
    return ids.every((id, index) => this.#words[start + index] === id);
  }
}

interface Pair {
  /** Where its second word stood last. */
  readonly last: number;
  readonly count: number;
}

/** Both numbers are far below 2^26. */
function pairKey(before: number, id: number): number {
  return before * 2 ** 26 + id;
}
