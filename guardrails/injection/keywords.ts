/**
 * Finds many words in one pass, whatever the text (Aho and Corasick, 1975). Without case; letters
 * beyond U+024F are compared as they are.
 */
export class Keywords {
  /** Of a letter in any case, the column of `#ascii`; 0 of what no word has. */
  readonly #columns: Uint8Array;
  readonly #width: number;
  /** Of state and column, the next state: small, so that it stays near the processor. */
  readonly #ascii: Uint16Array;
  readonly #others: readonly Map<number, number>[];
  /** Where a state leads to that has no way on: the longest other one that ends as it does. */
  readonly #fails: readonly number[];
  /** Numbers of the words that end in a state. */
  readonly #ends: readonly (readonly number[])[];
  readonly #isEnd: Uint8Array;

  constructor(words: readonly string[]) {
    const { next, ends, fails, order } = linked(buildTrie(words));
    this.#ends = ends;
    this.#isEnd = Uint8Array.from(ends, (numbers) => (numbers.length > 0 ? 1 : 0));
    this.#others = next;
    this.#fails = fails;
    if (next.length > 0xffff) throw new Error("more words than a table holds");
    const letters = asciiLetters(words);
    this.#width = letters.length + 1;
    this.#columns = Uint8Array.from(lower, (code) =>
      code < asciiCodes ? letters.indexOf(code) + 1 : notAscii,
    );
    this.#ascii = new Uint16Array(next.length * this.#width);
    for (const state of order) {
      const [row, back] = [state * this.#width, (fails[state] ?? 0) * this.#width];
      for (const [index, code] of letters.entries()) {
        const step = next[state]?.get(code) ?? this.#ascii[back + index + 1] ?? 0;
        this.#ascii[row + index + 1] = step;
      }
    }
  }

  /** Calls `hit` with the number of a word and where it ends, in order. */
  find(text: string, hit: (word: number, end: number) => void): void {
    const [columns, ascii, width, isEnd] = [this.#columns, this.#ascii, this.#width, this.#isEnd];
    let state = 0;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      const column = columns[unit] as number;
      state =
        column === notAscii
          ? this.#step(state, lower[unit] as number)
          : (ascii[state * width + column] as number);
      if (isEnd[state] === 1) for (const word of this.#ends[state] ?? []) hit(word, at + 1);
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
/** Columns are fewer. */
const notAscii = 255;

const lower = Uint16Array.from({ length: 0x1_0000 }, (_, code) => {
  if (code >= 0x250) return code;
  const small = String.fromCharCode(code).toLowerCase();
  return small.length === 1 ? small.charCodeAt(0) : code;
});

function asciiLetters(words: readonly string[]): readonly number[] {
  const codes = new Set(words.flatMap((word) => [...word].map((letter) => letter.charCodeAt(0))));
  return [...codes].filter((code) => code < asciiCodes);
}

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
