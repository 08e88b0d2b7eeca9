/** How much of a text's structure is looked at; as `limits.ts` has the others. */
export const structureLimits = {
  /** Elements one in the other; those within are read as if they stood beside each other. */
  depth: 256,
  /** Open elements that are looked through for the one that an end tag closes. */
  closes: 32,
  /** Names in one `class` that are looked up. */
  classes: 16,
  /** What is said before a text in YAML is longer in none. */
  frontMatterChars: 8_192,
  /** Lines that are looked at to see whether a text is YAML. */
  yamlLines: 20,
  /** Of a mail, or of one of its parts. */
  headerLines: 200,
  /** Rows that are looked at to see whether a text is a table. */
  tableRows: 3,
  /** A value of a document that is no longer, and has one line, is one among others. */
  fieldChars: 400,
  /** Orders are sentences; of what is longer the first part counts. */
  sentenceChars: 400,
  /** Times that a text calls a model by name; of more the first ones are looked at. */
  addresses: 256,
  /** One text of what a model is told of a tool. */
  descriptionChars: 16_384,
} as const;
