/** How far personal data is looked for in one text; as `limits.ts` has the others. */
export const personalLimits = {
  /** Numbers that are looked at closely; what is beyond them counts as unread. */
  numbersTried: 20_000,
  /** Then others of the process have their turn. */
  numbersPerTurn: 256,
  /** Around a run of digits: letters of an account number stand there. */
  marginChars: 32,
  /** Before a number: where a word has to stand that says what it is. */
  nearChars: 40,
} as const;
