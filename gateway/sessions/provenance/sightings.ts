import { provenanceLimits } from "../../../manifests/provenance-limits.ts";
import { Phrases } from "./phrases.ts";
import { type TypedValue, typedValuesIn, wordsOf } from "./typed-values.ts";

/** Whatever was seen with one standing: values in their normal form, and runs of words. */
export class Sightings {
  readonly #values = new Set<string>();
  readonly #phrases = new Phrases();
  #isFull = false;

  /** Nothing is forgotten without a trace: from then on nobody knows what else was here. */
  get isFull(): boolean {
    return this.#isFull || this.#phrases.isFull;
  }

  addText(text: string): void {
    for (const value of typedValuesIn(text)) {
      // Words stand among the phrases.
      if (value.type !== "word") this.addValue(value);
    }
    this.#phrases.add(wordsOf(text));
  }

  addValue({ type, value }: TypedValue): void {
    if (this.#values.size >= provenanceLimits.indexedValues) this.#isFull = true;
    else this.#values.add(`${type}:${value}`);
  }

  hasValue({ type, value }: TypedValue): boolean {
    if (type === "word") return this.hasWords([value]) === "yes";
    return this.#values.has(`${type}:${value}`);
  }

  hasAnyWord(words: ReadonlySet<string>): boolean {
    return [...words].some((word) => this.#phrases.has([word]) === "yes");
  }

  hasWordFrom(beginnings: readonly string[]): boolean {
    return this.#phrases.words().some((word) => beginnings.some((one) => word.startsWith(one)));
  }

  /** `unclear` where there is too much to be sure. */
  hasWords(words: readonly string[]): "yes" | "no" | "unclear" {
    return this.#phrases.has(words);
  }
}
