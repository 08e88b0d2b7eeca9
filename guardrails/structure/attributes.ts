import type { Token } from "parse5";
import type { Range } from "../views/view.ts";
import { holdsWords, type Place } from "./place.ts";

interface Tag {
  readonly tagName: string;
  /** As it is written. */
  readonly tag: string;
  readonly location: Token.LocationWithAttributes;
}

/** Where a tag carries words in its attributes. */
export function attributePlaces({ tagName, tag, location }: Tag): readonly Place[] {
  const kind = tagName === "meta" ? "metadata" : "attribute";
  return Object.entries(location.attrs ?? {}).flatMap(([name, at]) => {
    if (wordless.has(name)) return [];
    const first = at.startOffset - location.startOffset;
    const value = valueRange(tag, { start: first, end: at.endOffset - location.startOffset });
    if (value === undefined || !holdsWords(tag, value)) return [];
    const { startOffset } = location;
    return [{ kind, start: startOffset + value.start, end: startOffset + value.end }];
  });
}

/** Without name and quotes. */
function valueRange(tag: string, { start, end }: Range): Range | undefined {
  const written = tag.slice(start, end);
  const name = /^[^=]*=\s*["']?/.exec(written)?.[0].length;
  if (name === undefined) return undefined;
  return { start: start + name, end: end - (/["']$/.test(written) ? 1 : 0) };
}

/** Names, numbers and addresses. */
const wordless = new Set(
  "class style d points viewbox transform srcset sizes src href id rel media integrity".split(" "),
);
