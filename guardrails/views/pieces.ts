import type { Range } from "./view.ts";

export interface Assembled {
  readonly text: string;
  /** The part of the given text that reads as `text.slice(start, end)`. */
  original(start: number, end: number): Range;
}

/** Puts a text together from parts of another one, and knows of each offset where it was. */
export class Pieces {
  #text = "";
  /** Of each piece: where it begins in the new text. */
  readonly #offsets: number[] = [];
  /** Where it begins in the given text, and where it ends, or how its units go on. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** What stands from `start` to `end` reads as `shown`, as a whole. */
  add(shown: string, { start, end }: Range): void {
    this.#push(shown, start, end);
  }

  /** Each unit from `start` on reads as one of `shown`. */
  addEach(shown: string, start: number): void {
    if (shown !== "") this.#push(shown, start, forward);
  }

  /** Each unit before `end`, from there back, reads as one of `shown`. */
  addMirrored(shown: string, end: number): void {
    if (shown !== "") this.#push(shown, end - 1, backward);
  }

  /** How long the new text is so far. */
  get chars(): number {
    return this.#text.length;
  }

  assembled(): Assembled {
    return { text: this.#text, original: (start, end) => this.#original(start, end) };
  }

  #push(shown: string, start: number, end: number): void {
    this.#offsets.push(this.#text.length);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#text += shown;
  }

  #original(start: number, end: number): Range {
    if (this.#offsets.length === 0) return { start: 0, end: 0 };
    const first = this.#place(start);
    const last = this.#place(Math.max(end - 1, 0));
    return { start: Math.min(first.start, last.start), end: Math.max(first.end, last.end) };
  }

  /** Of one unit of the new text, from where to where it stands in the given one. */
  #place(offset: number): Range {
    const piece = Math.max(lastAtMost(this.#offsets, offset), 0);
    const start = this.#starts[piece] ?? 0;
    const end = this.#ends[piece] ?? 0;
    if (end >= 0) return { start, end };
    const inside = offset - (this.#offsets[piece] ?? 0);
    const unit = end === forward ? start + inside : start - inside;
    return { start: unit, end: unit + 1 };
  }
}

const [forward, backward] = [-1, -2];

function lastAtMost(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
