/** What is active in a text, as the names of findings have it. */
export type ActiveKind =
  | "active:terminal"
  | "active:bidi"
  | "active:html"
  | "active:url"
  | "active:exfil-image"
  | "active:exfil-link";

/** A part of a text that is active, and what stands there when it is not any more. */
export interface Edit {
  readonly kind: ActiveKind;
  readonly start: number;
  readonly end: number;
  readonly shown: string;
}

/** In order, none over another: where two overlap the one that begins first stands. */
export function inOrder(edits: readonly Edit[]): readonly Edit[] {
  const sorted = edits.toSorted((a, b) => a.start - b.start || b.end - a.end);
  let end = 0;
  return sorted.filter((edit) => {
    if (edit.start < end) return false;
    end = edit.end;
    return true;
  });
}
