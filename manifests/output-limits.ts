/** How much of what may be active in a text is read; as `limits.ts` has the others. */
export const outputLimits = {
  /** Of an address; what is longer carries more than an address. */
  urlChars: 4_096,
  /** Of the name of an address in Markdown: no renderer reads more. */
  labelChars: 999,
  /** Readings of each character, because what stands behind each bracket is read for itself. */
  readings: 3,
  /** Read again of a text however short it is. */
  leastWorkChars: 65_536,
} as const;
