import { viewLimits } from "../../manifests/view-limits.ts";
import { Pieces } from "../views/pieces.ts";
import type { Decoded } from "../views/view.ts";
import type { Part } from "./html.ts";

/** Parts of a text as one, where they are not one already; of a long part what is near its ends. */
export function withoutMarkup(text: string, parts: readonly Part[]): readonly Decoded[] {
  if (parts.length < 2) return [];
  const pieces = new Pieces();
  const margin = viewLimits.marginChars;
  for (const [index, { start, end, isNewLine }] of parts.entries()) {
    if (isNewLine) pieces.add("\n", { start, end: start });
    if (end - start <= margin * 2) {
      pieces.addEach(text.slice(start, end), start);
      continue;
    }
    // What lies between is read as it stands in the text.
    if (index > 0) pieces.addEach(text.slice(start, start + margin), start);
    pieces.add("\n", { start: start + margin, end: start + margin });
    if (index < parts.length - 1) pieces.addEach(text.slice(end - margin, end), end - margin);
  }
  const { text: read, original } = pieces.assembled();
  return [{ layer: "markup", text: read, place: original }];
}
