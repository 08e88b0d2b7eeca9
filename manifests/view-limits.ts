/** How much of what a text is written in is read; as `limits.ts` has the others. */
export const viewLimits = {
  /** What one text is written in is taken off so often; of so many parts; into so much text. */
  depth: 6,
  perText: 256,
  chars: 1_048_576,
  /** Packed parts of one text that are unpacked: each may be as long as all of them together. */
  unpacked: 8,
  /** Plain text around what stands in it in another way: a word may begin before it. */
  marginChars: 256,
  /** Shorter runs of letters are no encoded text. */
  encodedChars: 24,
} as const;
