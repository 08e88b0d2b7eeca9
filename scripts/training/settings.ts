import { join } from "node:path";
import type { VocabularyParts } from "../../guardrails/injection/classifier/vocabulary.ts";
import { vocabularyOf } from "../../guardrails/injection/classifier/vocabulary.ts";
import { readLabelledTexts } from "../../guardrails/measure/labelled-texts.ts";
import { type Amounts, examplesOf } from "./corpus.ts";
import type { Example } from "./example.ts";
import { readGrammar } from "./grammar.ts";
import type { Settings } from "./trainer.ts";
import { readWords } from "./words.ts";

/** What the shipped weights were learnt with; chosen by what held on families that were held out. */
export const settings: Settings = {
  buckets: 2 ** 17,
  windowWords: 24,
  epochs: 8,
  rate: 0.05,
  decay: 0.2,
  realShare: 0.5,
  seed: 1,
};

const amounts: Amounts = { made: 8_000, carried: 3_000, seed: 11 };

export interface Prepared {
  readonly vocabulary: VocabularyParts;
  readonly examples: readonly Example[];
}

/** Reads a file of labelled texts, and makes what is learnt beside it. */
export async function prepare(dataFile: string): Promise<Prepared> {
  const at = (name: string): string => join(import.meta.dirname, name);
  const vocabulary = readWords(at("words.yaml"));
  const sources = {
    texts: await readLabelledTexts(dataFile),
    hostile: readGrammar(at("hostile.yaml")),
    harmless: readGrammar(at("harmless.yaml")),
  };
  const features = { vocabulary: vocabularyOf(vocabulary), buckets: settings.buckets };
  return { vocabulary, examples: await examplesOf(sources, amounts, features) };
}
