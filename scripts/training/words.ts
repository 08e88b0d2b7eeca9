import { readFileSync } from "node:fs";
import { z } from "zod";
import { hashOf } from "../../guardrails/injection/classifier/hashes.ts";
import type { SignEntry } from "../../guardrails/injection/classifier/sign-table.ts";
import {
  firstWordSign,
  plainSigns,
  type VocabularyParts,
} from "../../guardrails/injection/classifier/vocabulary.ts";
import { parseYamlSource } from "../../manifests/yaml-source.ts";

/** Signs of words that only hold sentences together. */
const light = ["det", "prep", "and", "be", "have", "do", "it", "more"];

/** Reads a file of words, one sign a line; a word that stands twice has the first. */
export function readWords(file: string): VocabularyParts {
  const source = { file, text: readFileSync(file, "utf8"), guide: "docs/model-card.md" };
  const lines = Object.entries(
    parseYamlSource(source, (input) => z.record(z.string(), z.string()).parse(input)),
  );
  const [words, prefixes] = [new Map<number, number>(), new Map<number, number>()];
  for (const [index, [, line]] of lines.entries()) {
    for (const word of line.split(/\s+/)) {
      const known = word.endsWith("*") ? prefixes : words;
      const hash = hashOf(word.replace(/\*$/, ""));
      if (!known.has(hash)) known.set(hash, firstWordSign + index);
    }
  }
  const lightSigns = light.map((name) => firstWordSign + lines.findIndex(([key]) => key === name));
  const { other, number, capitals } = plainSigns;
  return {
    words: entriesOf(words),
    prefixes: entriesOf(prefixes),
    lightSigns: [other, number, capitals, ...lightSigns],
  };
}

function entriesOf(signs: ReadonlyMap<number, number>): readonly SignEntry[] {
  return [...signs].map(([hash, sign]) => ({ hash, sign }));
}
