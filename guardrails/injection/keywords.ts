/**
 * Finds many words in one pass, whatever the text (Aho and Corasick, 1975). Without case; letters
 * beyond U+024F are compared as they are.
 */
export class Keywords {
  /** Of state and ASCII character, the next state. */
  readonly #ascii: Int32Array;
  readonly #others: readonly Map<number, number>[];
  /** Where a state leads to that has no way on: the longest other one that ends as it does. */
  readonly #fails: readonly number[];
  /** Numbers of the words that end in a state. */
  readonly #ends: readonly (readonly number[])[];

  constructor(words: readonly string[]) {
    const { next, ends, fails, order } = linked(buildTrie(words));
    this.#ends = ends;
    this.#others = next;
    this.#fails = fails;
    this.#ascii = new Int32Array(next.length * asciiCodes);
    for (const state of order) {
      const back = (fails[state] ?? 0) * asciiCodes;
      for (let code = 0; code < asciiCodes; code += 1) {
        const step = next[state]?.get(code) ?? this.#ascii[back + code] ?? 0;
        this.#ascii[state * asciiCodes + code] = step;
      }
    }
  }

  /** Calls `hit` with the number of a word and where it ends, in order. */
  find(text: string, hit: (word: number, end: number) => void): void {
    let state = 0;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      const code = unit < lower.length ? (lower[unit] ?? unit) : unit;
      state =
        code < asciiCodes ? (this.#ascii[state * asciiCodes + code] ?? 0) : this.#step(state, code);
      const ends = this.#ends[state] ?? none;
      for (const word of ends) hit(word, at + 1);
    }
  }

  #step(from: number, code: number): number {
    for (let state = from; ; state = this.#fails[state] ?? 0) {
      const next = this.#others[state]?.get(code);
      if (next !== undefined) return next;
      if (state === 0) return 0;
    }
  }
}

const asciiCodes = 128;
const none: readonly number[] = [];
const lower = Uint16Array.from({ length: 0x250 }, (_, code) => {
  const small = String.fromCharCode(code).toLowerCase();
  return small.length === 1 ? small.charCodeAt(0) : code;
});

interface Trie {
  readonly next: Map<number, number>[];
  readonly ends: number[][];
}

function buildTrie(words: readonly string[]): Trie {
  const trie: Trie = { next: [new Map()], ends: [[]] };
  for (const [number, word] of words.entries()) {
    let state = 0;
    for (let at = 0; at < word.length; at += 1) {
      const code = word.charCodeAt(at);
      const known = trie.next[state]?.get(code) ?? trie.next.length;
      if (known === trie.next.length) {
        trie.next[state]?.set(code, known);
        trie.next.push(new Map());
        trie.ends.push([]);
      }
      state = known;
    }
    trie.ends[state]?.push(number);
  }
  return trie;
}

interface Linked extends Trie {
  readonly fails: readonly number[];
  /** Shorter states first. */
  readonly order: readonly number[];
}

function linked({ next, ends }: Trie): Linked {
  const fails: number[] = next.map(() => 0);
  const order = [0];
  for (const state of order) {
    for (const [code, child] of next[state] ?? []) {
      order.push(child);
      if (state === 0) continue;
      fails[child] = follow({ next, fails }, fails[state] ?? 0, code);
      ends[child]?.push(...(ends[fails[child] ?? 0] ?? []));
    }
  }
  return { next, ends, fails, order };
}

interface Links {
  readonly next: readonly Map<number, number>[];
  readonly fails: readonly number[];
}

function follow({ next, fails }: Links, from: number, code: number): number {
  for (let state = from; ; state = fails[state] ?? 0) {
    const found = next[state]?.get(code);
    if (found !== undefined) return found;
    if (state === 0) return 0;
  }
}
