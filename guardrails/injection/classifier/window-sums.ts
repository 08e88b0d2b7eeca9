import type { Range } from "../../views/view.ts";

/** The words of a text that speak most like an order to a model. */
export interface Stretch extends Range {
  readonly sum: number;
}

/** The sums of each stretch of `size` words, as words come; of all of them where there are fewer. */
export class WindowSums {
  readonly #size: number;
  /** Of the last `size` words. */
  readonly #sums: Int32Array;
  readonly #starts: Int32Array;
  #words = 0;
  #sum = 0;
  #end = 0;
  #best: Stretch | undefined;

  constructor(size: number) {
    this.#size = size;
    this.#sums = new Int32Array(size);
    this.#starts = new Int32Array(size);
  }

  add(sum: number, start: number, end: number): void {
    const slot = this.#words % this.#size;
    if (this.#words >= this.#size) this.#sum -= this.#sums[slot] ?? 0;
    this.#sums[slot] = sum;
    this.#starts[slot] = start;
    this.#sum += sum;
    this.#words += 1;
    this.#end = end;
    if (this.#words < this.#size) return;
    if (this.#best === undefined || this.#sum > this.#best.sum) this.#best = this.#last();
  }

  /** The highest; undefined where no word came. */
  best(): Stretch | undefined {
    return this.#best ?? (this.#words === 0 ? undefined : this.#last());
  }

  #last(): Stretch {
    const first = this.#words < this.#size ? 0 : this.#words % this.#size;
    return { sum: this.#sum, start: this.#starts[first] ?? 0, end: this.#end };
  }
}
