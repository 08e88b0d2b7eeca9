/** How much is kept of where values came from; as `limits.ts` has the others. */
export const provenanceLimits = {
  /** Of the path of a field's label. */
  fieldPathChars: 200,
  /** Labels of fields that one manifest has. */
  fieldLabels: 64,
  /** Of each kind of source (task, trusted, untrusted), what one session's index holds. */
  indexedValues: 200_000,
  indexedWords: 1_000_000,
  /** Typed values and words read out of one text. */
  valuesPerText: 5_000,
  /** Places at which a run of words is looked for. */
  phraseTries: 1_000,
  /** Shorter values are the same by chance too often to tell where one came from. */
  telltaleChars: 4,
} as const;
