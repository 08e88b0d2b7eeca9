/** What a detector saw in a text. Offsets are UTF-16 units of the text as it was given. */
export interface Finding {
  readonly detector: string;
  /** What was found, as a stable name: `secret:aws-key`, `disguise:zero-width`. */
  readonly kind: string;
  /** JSON pointer of the leaf that holds it, empty for the whole document. */
  readonly path: string;
  readonly start: number;
  readonly end: number;
  /** From 0 to 1: how sure the detector is. */
  readonly score: number;
}
