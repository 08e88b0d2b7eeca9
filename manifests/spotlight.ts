import { canonicalJson } from "./canonical.ts";
import type { JsonValue } from "./json.ts";
import { parseStrictJson } from "./strict-json.ts";

/**
 * How an output is marked as data: it is one text between two lines that nobody who wrote in it
 * could know.
 */
export interface Spotlight {
  readonly begin: string;
  readonly end: string;
  /** What stands between them: a text as it is, or JSON. */
  readonly holds: "text" | "json";
}

export interface Spotlit {
  readonly output: string;
  readonly spotlight: Spotlight;
}

/**
 * Marks an output. `newSeed` gives letters and digits that nobody can guess; one that stands in the
 * output already is not taken.
 */
export function spotlit(output: JsonValue, newSeed: () => string): Spotlit {
  const holds = typeof output === "string" ? "text" : "json";
  const text = typeof output === "string" ? output : canonicalJson(output);
  let seed = newSeed();
  while (text.includes(seed)) seed += newSeed();
  const begin = `<<data ${seed}>>\n`;
  const end = `\n<<end of data ${seed}>>`;
  return { output: `${begin}${text}${end}`, spotlight: { begin, end, holds } };
}

/** The output as it was before it was marked; undefined where it is not marked so. */
export function unspotlit({ output, spotlight }: Spotlit): JsonValue | undefined {
  const { begin, end, holds } = spotlight;
  const isMarked = output.startsWith(begin) && output.endsWith(end);
  if (!isMarked || output.length < begin.length + end.length) return undefined;
  const text = output.slice(begin.length, output.length - end.length);
  return holds === "text" ? text : parseStrictJson(text);
}
