/** How much is measured at a time; as `limits.ts` has the others. */
export const measureLimits = {
  /** Of one file; it is read as a whole. */
  fileBytes: 268_435_456,
  /** Misses and false alarms that are shown, the worst first. */
  shown: 5,
  /** Of each of them so much. */
  shownChars: 90,
} as const;
