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

  /** Outputs that one session has withheld, and their text together. */
  withheldPerSession: 64,
  withheldBytesPerSession: 8_388_608,
  /** So long a reference leads to its output, and no longer than its session lasts. */
  referenceSeconds: 3_600,
  referencesPerCall: 16,
  /** Arguments with what their references lead to. */
  resolvedBytes: 1_048_576,
  /** Of an output, what stands in the question to a person; `ringward quarantine show` has all of it. */
  shownChars: 4_000,
} as const;
