import { setImmediate } from "node:timers/promises";
import type { Finding } from "../../../manifests/finding.ts";
import { signatureLimits } from "../../../manifests/signature-limits.ts";
import type { Document } from "../../detector.ts";
import type { Range } from "../../views/view.ts";
import { probabilityOf } from "./logits.ts";
import { Reader } from "./reader.ts";
import { type Vocabulary, vocabularyOf } from "./vocabulary.ts";
import type { Calibration, Weights } from "./weights.ts";
import { type Stretch, WindowSums } from "./window-sums.ts";

export const classifierKind = "injection:classifier";

/**
 * Judges a text by how it speaks to whoever reads it, not by what it is about: the surest stretch of
 * `windowWords` words. One pass over each view, whatever is in it.
 */
export class Classifier {
  readonly calibration: Calibration;
  readonly #weights: Weights;
  readonly #vocabulary: Vocabulary;

  constructor(weights: Weights) {
    this.#weights = weights;
    this.#vocabulary = vocabularyOf(weights);
    this.calibration = weights.calibration;
  }

  /** `injection:classifier` with its probability, for the surest stretch of a document; none for what is at the floor. */
  async detect({ path, views }: Document): Promise<readonly Finding[]> {
    let surest: Finding | undefined;
    let highest = absentLogit(this.calibration);
    for (const view of views().all) {
      const stretch = await this.judge(view.text, view.worn);
      if (stretch === undefined) continue;
      const logit = logitOfSum(stretch.sum, this.calibration);
      if (logit <= highest) continue;
      highest = logit;
      const range = view.original(stretch.start, stretch.end);
      const score = probabilityOf(logit);
      surest = { detector: "injection", kind: classifierKind, path, ...range, score };
    }
    return surest ? [surest] : [];
  }

  /**
   * Undefined for a text without words; `left` are such, in order, as are none. Others have their turn in
   * between.
   */
  async judge(text: string, left: readonly Range[] = []): Promise<Stretch | undefined> {
    const isLeft = amongRanges(left);
    const sums = new WindowSums(this.#weights.windowWords);
    const reader = new Reader(this.#vocabulary, this.#weights.buckets.length);
    for (let at = 0; at < text.length; ) {
      const until = Math.min(text.length, at + signatureLimits.turnChars);
      while (reader.next(text, at, until)) {
        if (!isLeft(reader.start)) sums.add(this.#sumOf(reader), reader.start, reader.end);
        at = reader.end;
      }
      at = Math.max(at, until);
      if (at < text.length) await setImmediate();
    }
    return sums.best();
  }

  #sumOf({ features, count }: Reader): number {
    const { buckets } = this.#weights;
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += buckets[features[index] ?? 0] ?? 0;
    return sum;
  }
}

/** Whether a place is in one of them; asked in order. */
function amongRanges(ranges: readonly Range[]): (at: number) => boolean {
  let next = 0;
  return (at) => {
    while ((ranges[next]?.end ?? at + 1) <= at) next += 1;
    return (ranges[next]?.start ?? at + 1) <= at;
  };
}

/** How sure the classifier is, as a logit, of a text that it says nothing of. */
export function absentLogit({ floor, slope, offset }: Calibration): number {
  return floor * slope + offset;
}

function logitOfSum(sum: number, calibration: Calibration): number {
  const { unit, bias, slope, offset, floor, ceiling } = calibration;
  return Math.min(ceiling, Math.max(floor, sum * unit + bias)) * slope + offset;
}
