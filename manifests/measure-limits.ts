/** How much is measured at a time; as `limits.ts` has the others. */
export const measureLimits = {
  /** Of one file; it is read as a whole. */
  fileBytes: 268_435_456,
  /** Misses and false alarms that are shown, the worst first. */
  shown: 5,
  /** Of each of them so much. */
  shownChars: 90,
  /** Texts of each label that are disguised in each way, and how long one is at most. */
  robustnessTexts: 200,
  robustnessChars: 2_000,
} as const;
