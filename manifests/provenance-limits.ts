/** How much is kept of where values came from; as `limits.ts` has the others. */
export const provenanceLimits = {
  /** Of the path of a field's label. */
  fieldPathChars: 200,
  /** Of the value of a field that is known by its name. */
  fieldValueChars: 64,
  /** Labels of fields that one manifest has. */
  fieldLabels: 64,
  /** Words by which a user asks for one tool, and of each of them. */
  askedWords: 32,
  askedWordChars: 32,
  /** Of each kind of source (task, trusted, untrusted), what one session's index holds. */
  indexedValues: 200_000,
  indexedWords: 200_000,
  /** Typed values and words read out of one text. */
  valuesPerText: 5_000,
  /** Values of records whose words are kept, and words of each of their texts. */
  records: 20_000,
  recordWords: 64,
  /** Pieces of secret values that one session knows again; how long they are. */
  secretPieces: 200_000,
  pieceCharsLeast: 6,
  pieceChars: 8,
  /** Words in a row that are somebody's text, and no chance. */
  runWords: 5,
  /** Places at which a run of words is looked for. */
  phraseTries: 1_000,
  /** Shorter values are the same by chance too often to tell where one came from. */
  telltaleChars: 4,
  /** Calls of one plan, values of one argument, and characters of each. */
  plannedCalls: 64,
  planValues: 64,
  planTextChars: 2_048,
  /** Of one file of recorded calls; it is read as a whole. */
  traceBytes: 268_435_456,
} as const;
