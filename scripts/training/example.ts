import { Reader } from "../../guardrails/injection/classifier/reader.ts";
import type { Vocabulary } from "../../guardrails/injection/classifier/vocabulary.ts";

/** A text to learn from, as its features. */
export interface Example {
  readonly isHostile: boolean;
  /** Where it comes from; texts of one family are held out together. */
  readonly family: string;
  /** The source's name in the data; of texts made for this, their sort. */
  readonly source: string;
  /** Another family whose text is in it, too. */
  readonly carrier?: string;
  /** What signatures and structure say of it, as they add to a logit. */
  readonly reasons: number;
  /** What it takes from a logit that they say nothing. */
  readonly doubt: number;
  /** Of word `i`: `features[ends[i - 1]]` to `features[ends[i] - 1]`. */
  readonly features: Int32Array;
  readonly ends: Int32Array;
}

export type About = Omit<Example, "features" | "ends">;

export const ownFamily = "own";

export interface Features {
  readonly vocabulary: Vocabulary;
  readonly buckets: number;
}

export function exampleOf(text: string, about: About, from: Features): Example {
  const reader = new Reader(from.vocabulary, from.buckets);
  const features: number[] = [];
  const ends: number[] = [];
  for (let at = 0; reader.next(text, at, text.length); at = reader.end) {
    for (let index = 0; index < reader.count; index += 1) {
      features.push(reader.features[index] ?? 0);
    }
    ends.push(features.length);
  }
  return { ...about, features: Int32Array.from(features), ends: Int32Array.from(ends) };
}
