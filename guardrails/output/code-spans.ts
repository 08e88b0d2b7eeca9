import type { Range } from "../views/view.ts";

export interface CodeSpans {
  readonly spans: readonly Range[];
  /** The line without them. */
  readonly rest: string;
  /** Whether all of the line was read: where it is in doubt, so are the lines after it. */
  readonly isWhole: boolean;
}

/** Spans of code in a line of Markdown that begins outside of any, as far as every viewer agrees. */
export function codeSpansIn(line: string): CodeSpans {
  const spans: Range[] = [];
  let rest = "";
  let at = 0;
  for (const { 0: token, index } of line.matchAll(doubtful)) {
    if (index < at) continue;
    const end = token.startsWith("`") ? endOfSpan(line, index, token) : endOfOther(line, index);
    if (end === undefined) return { spans, rest: rest + line.slice(at), isWhole: false };
    if (!token.startsWith("`")) continue;
    spans.push({ start: index, end });
    rest += line.slice(at, index);
    at = end;
  }
  return { spans, rest: rest + line.slice(at), isWhole: true };
}

/** Spans begin with these, and these may hold a backtick that begins none. */
const doubtful = /`+|\\`|<(?=[a-z!?/])|\$|\](?=[(:[])|\[\^|(?:https?:\/\/|www\.)/gi;

/** A bar in it may be the end of a table's cell. */
function endOfSpan(line: string, start: number, mark: string): number | undefined {
  const inside = start + mark.length;
  const closing = new RegExp(`(?<!\`)${mark}(?!\`)`, "g");
  closing.lastIndex = inside;
  const end = closing.exec(line)?.index;
  if (end === undefined || line.slice(inside, end).includes("|")) return undefined;
  return end + mark.length;
}

/** Links whose address is plain. */
const harmless =
  /(?:https?:\/\/|www\.)[^\s`<\\$]*(?=\s|$)|\]\([^\s()<>`"'\\]*\)|\]\[[^\]`\\[]*\]/iy;

function endOfOther(line: string, start: number): number | undefined {
  harmless.lastIndex = start;
  return harmless.test(line) ? harmless.lastIndex : undefined;
}
