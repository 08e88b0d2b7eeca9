import { isScalar, parseDocument, visit } from "yaml";
import { structureLimits } from "../../manifests/structure-limits.ts";
import { holdsWords, type Place } from "./place.ts";

/** What stands between the first two lines of `---`, and is said of the text below. */
export function frontMatterPlaces(text: string): readonly Place[] {
  const opened = /^\s{0,16}---\r?\n/.exec(text)?.[0].length;
  if (opened === undefined) return [];
  const end = text.indexOf("\n---", opened);
  if (end === -1 || end - opened > structureLimits.frontMatterChars) return [];
  const whole = { kind: "metadata", start: opened, end } as const;
  return valuesOf(text.slice(opened, end), opened) ?? [whole];
}

function valuesOf(yaml: string, from: number): readonly Place[] | undefined {
  const places: Place[] = [];
  // The parser calls itself for each nested value.
  if (yaml.split(/[[{]/).length > structureLimits.depth) return undefined;
  const document = parseDocument(yaml, { logLevel: "silent" });
  if (document.errors.length > 0) return undefined;
  visit(document, {
    Scalar(key, scalar) {
      if (key === "key" || !isScalar(scalar) || !scalar.range) return;
      const place = { start: from + scalar.range[0], end: from + scalar.range[1] };
      if (holdsWords(yaml, scalarRange(scalar.range))) places.push({ kind: "metadata", ...place });
    },
  });
  return places;
}

function scalarRange([start, end]: readonly number[]): { start: number; end: number } {
  return { start: start ?? 0, end: end ?? 0 };
}
