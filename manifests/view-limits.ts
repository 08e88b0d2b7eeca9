/** How much of what a text is written in is read; as `limits.ts` has the others. */
export const viewLimits = {
  /** What one text is written in is taken off so often; of so many parts; into so much text. */
  depth: 6,
  perText: 256,
  chars: 1_048_576,
  /** A text that is written in something from end to end is as long again, so often. */
  readings: 4,
  /** Packed parts of one text that are unpacked: each may be as long as all of them together. */
  unpacked: 8,
  /** Plain text around what stands in it in another way: a word may begin before it. */
  marginChars: 256,
  /** Shorter runs of letters are no encoded text. */
  encodedChars: 24,
  /** Fewer letters that are kept apart are initials, or names of variables. */
  apartLetters: 5,
  /** What one character, with its marks, may become where it is written in the usual form. */
  normalisedChars: 8,
} as const;
