import { outputLimits } from "../../manifests/output-limits.ts";
import type { Use } from "./urls.ts";
import type { Work } from "./work.ts";

/** Where a viewer of Markdown goes, or looks for a picture. */
export interface Destination {
  readonly start: number;
  /** As it is written. */
  readonly source: string;
  readonly use: Use;
}

/** Addresses that stand for themselves, also in one another: viewers make links of them. */
export function addressesIn(text: string, work: Work): readonly Destination[] {
  return [...text.matchAll(beginning)].map(({ 0: source, index }) => {
    const whole = work.isLeft ? addressAt(text, index) : source;
    work.did(whole.length);
    return { start: index, source: whole, use: "followed" };
  });
}

const beginning = /(?:\bhttps?|\bftp|\bwss?):\/\/|(?<![:\w])mailto:|(?<![:/\w.@-])www\./gi;

/** Up to a space or a bracket that closes more than was opened; at most `outputLimits.urlChars`. */
export function addressAt(text: string, at: number): string {
  const part = text.slice(at, at + outputLimits.urlChars);
  if (part.startsWith("<")) return /^<[^>\n\r]*/.exec(part)?.[0] ?? "";
  const whole = unbroken.exec(part)?.[0] ?? "";
  return whole.slice(0, closingParenthesis(whole));
}

/** What is to be filled in may have spaces in it. */
const unbroken = /^(?:[{<[]{1,2}[^{}<>[\]\n\r]{0,80}[}>\]]{1,2}|[^\s<>"`])*/;

function closingParenthesis(text: string): number {
  let open = 0;
  for (const { 0: character, index } of text.matchAll(/\\.|[()]/g)) {
    if (character === "(") open += 1;
    else if (character === ")") open -= 1;
    if (open < 0) return index;
  }
  return text.length;
}
