import type { Finding } from "../../manifests/finding.ts";
import type { JsonValue } from "../../manifests/json.ts";
import { rewriteTexts } from "../rewrite.ts";
import { defuse } from "./defuse.ts";
import type { ActiveKind } from "./edit.ts";

/** What was found in a document before it was redacted, and what is left of that to be heard. */
export interface Heard {
  readonly raw: JsonValue;
  readonly found: readonly Finding[];
  readonly left: readonly Finding[];
}

export interface DefusedJson {
  readonly value: JsonValue;
  /** How many places were changed, by kind. */
  readonly changed: Readonly<Partial<Record<ActiveKind, number>>>;
}

/**
 * Each string and key of a document made harmless to show. It is looked at as it is now: what was
 * redacted in it may have made another text of it. A kind of which no finding in a text is left, while
 * there was one, stays there as it is.
 */
export function defuseJson(value: JsonValue, { raw, found, left }: Heard): DefusedJson {
  if (value === raw && !found.some(({ detector }) => detector === "active")) {
    return { value, changed: {} };
  }
  const changed: Partial<Record<ActiveKind, number>> = {};
  const places = new Set(found.map(({ path }) => path));
  const heard = new Set(left.map(placeOf));
  const spared = new Set(found.map(placeOf).filter((place) => !heard.has(place)));
  const rewrite = (text: string, path: string): string => {
    const isSpared = (kind: ActiveKind): boolean => spared.has(placeOf({ kind, path }));
    const { text: shown, edits } = defuse(text, isSpared);
    for (const { kind } of edits) changed[kind] = (changed[kind] ?? 0) + 1;
    return shown;
  };
  const isHidden = (path: string): boolean => places.has(path);
  return { value: rewriteTexts(value, { rewrite, isHidden }), changed };
}

function placeOf({ kind, path }: Pick<Finding, "kind" | "path">): string {
  return `${kind} ${path}`;
}
