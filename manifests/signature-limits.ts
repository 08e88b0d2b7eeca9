/** How much work signatures of hostile orders may be; as `limits.ts` has the others. */
export const signatureLimits = {
  /** No signature matches more; one that says nothing of it matches a quarter of that. */
  reachChars: 640,
  /** Read at a stretch: dense words make no longer one. */
  windowChars: 16_384,
  /** Characters that signatures read of one text, each counted for itself. */
  workChars: 4_194_304,
  /** Then the others of the process have their turn. */
  turnChars: 65_536,
  /** From here on a text counts as hostile: of ordinary pages less than one in a hundred reach it. */
  hostileScore: 0.7,
  /** From here on the classifier is heard without other reasons. */
  toldScore: 0.5,
} as const;
