/** Where and how long texts are read; as `limits.ts` has the others. */
export const scanLimits = {
  /** A value with more text is read on a thread of its own: to get there costs as much as to read
   * some thousand characters, and a hostile one of this length is read in some milliseconds. */
  hereChars: 8_192,
  /** Texts of one value that are so short, and stand in fields of one name, are read once. */
  repeatedChars: 64,
  /** Threads that read at a time. */
  threads: 2,
  /** Heap of one: more than the worst text of `limits.scanChars` takes. */
  threadMb: 512,
  /** Ends what nobody counted: work is bounded by itself, and takes seconds at most. */
  threadMs: 60_000,
  /** A thread that has nothing to read for so long is ended. */
  threadIdleMs: 60_000,
} as const;
