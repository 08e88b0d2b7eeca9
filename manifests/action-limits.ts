/** Limits of what is done about findings. */
export const actionLimits = {
  suppressions: 200,
  /** A false alarm that is older than this is no alarm to get used to, but a rule to mend. */
  suppressionDays: 90,
  suppressionsBytes: 262_144,
  /** A pointer into a document. */
  fieldChars: 512,
  /** Characters of a pattern of RE2. */
  patternChars: 1_000,
  /** Text that a suppression's pattern is held to; a longer one is not suppressed. */
  patternTextChars: 65_536,
} as const;
