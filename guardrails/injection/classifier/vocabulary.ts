import { type SignEntry, SignTable } from "./sign-table.ts";

/** What is no word of the vocabulary has one of these signs; words have higher ones. */
export const plainSigns = { other: 0, number: 1, address: 2, capitals: 3 } as const;
export const firstWordSign = 4;

/** Which sign each word is. */
export interface Vocabulary {
  readonly words: SignTable;
  /** Whatever begins so. */
  readonly prefixes: SignTable;
  /** Of each sign whether it only holds sentences together. */
  readonly isLight: Uint8Array;
}

export interface VocabularyParts {
  readonly words: readonly SignEntry[];
  readonly prefixes: readonly SignEntry[];
  readonly lightSigns: readonly number[];
}

export function vocabularyOf({ words, prefixes, lightSigns }: VocabularyParts): Vocabulary {
  const isLight = new Uint8Array(256);
  for (const sign of lightSigns) isLight[sign] = 1;
  return { words: new SignTable(words), prefixes: new SignTable(prefixes), isLight };
}
