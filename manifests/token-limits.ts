/** Limits of the tokens that stand for what was redacted; as `limits.ts` has the others. */
export const tokenLimits = {
  /** Values that one session's tokens lead back to; what is redacted beyond them leads nowhere. */
  perSession: 2_000,
  /** A longer text is redacted, and nobody gets it back. */
  valueChars: 8_192,
  /** Tokens in the arguments of one call. */
  perCall: 64,
} as const;
