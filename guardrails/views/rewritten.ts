import { viewLimits } from "../../manifests/view-limits.ts";
import { type Assembled, Pieces } from "./pieces.ts";
import type { Range } from "./view.ts";

/** A part of a text that reads otherwise. */
export interface Change extends Range {
  readonly shown: string;
  /** Where each unit of it stands for one: in which order. */
  readonly units?: "same" | "mirrored";
}

/** The text that changes make, and where in it they are. */
export interface Rewritten extends Assembled {
  readonly changed: readonly Range[];
}

/**
 * What a text reads where the changes, in order, are made, with a little around them. Those far from
 * each other stand on lines of their own: what lies between is read elsewhere. Undefined without any.
 */
export function rewritten(text: string, changes: Iterable<Change>): Rewritten | undefined {
  const changed: Range[] = [];
  const margin = viewLimits.marginChars;
  const pieces = new Pieces();
  const copy = (start: number, end: number): void => pieces.addEach(text.slice(start, end), start);
  let at = -1;
  for (const change of changes) {
    const { start, end } = change;
    if (at >= 0 && start - at > margin * 2) {
      copy(at, at + margin);
      pieces.add("\n", { start: at + margin, end: at + margin });
      at = -1;
    }
    copy(at < 0 ? Math.max(0, start - margin) : at, start);
    const from = pieces.chars;
    addChange(pieces, change);
    changed.push({ start: from, end: pieces.chars });
    at = end;
  }
  if (at < 0) return undefined;
  copy(at, Math.min(text.length, at + margin));
  return { ...pieces.assembled(), changed };
}

function addChange(pieces: Pieces, { start, end, shown, units }: Change): void {
  if (units === "same") pieces.addEach(shown, start);
  else if (units === "mirrored") pieces.addMirrored(shown, end);
  else pieces.add(shown, { start, end });
}
