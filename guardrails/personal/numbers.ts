import { personalLimits } from "../../manifests/personal-limits.ts";
import type { Range } from "../views/view.ts";
import { type NumberRule, numberRules } from "./number-rules.ts";

/** A place whose form is that of a number of some kind. */
export interface Candidate {
  readonly kind: string;
  readonly start: number;
  readonly score: number;
  /** How many characters from `start` on are really one; 0 where none is. Takes a while. */
  length(): number;
}

/** The surest kinds first. `field` is the name of the field that the text stands in. */
export function* candidatesIn(text: string, field: string): Generator<Candidate> {
  const windows = windowsOf(text);
  for (const rule of numberRules) {
    for (const window of windows) {
      for (const place of placesOf(rule, text, window)) {
        if (isTold(rule, field, place)) yield candidateOf(rule, place);
      }
    }
  }
}

interface Place extends Range {
  readonly text: string;
}

function* placesOf({ pattern }: NumberRule, text: string, window: Range): Generator<Place> {
  for (const { 0: form, index } of text.slice(window.start, window.end).matchAll(pattern)) {
    const start = window.start + index;
    yield { text, start, end: start + form.length };
  }
}

function isTold({ words }: NumberRule, field: string, { text, start }: Place): boolean {
  if (words === undefined || words.test(field)) return true;
  return words.test(text.slice(Math.max(0, start - personalLimits.nearChars), start));
}

function candidateOf(
  { kind, score, lengthOf }: NumberRule,
  { text, start, end }: Place,
): Candidate {
  return { kind, start, score, length: () => lengthOf(text.slice(start, end)) };
}

/** Six digits with little between them, or those of an Italian's number: all others have them. */
const dense = /\d(?:[ .()/-]{0,2}\d){5,}|\d{2}[A-Za-z]\d{2}[A-Za-z]\d{3}/g;

/** The parts of a text in which any number can stand at all. Most texts have none. */
function windowsOf(text: string): readonly Range[] {
  const windows: { start: number; end: number }[] = [];
  for (const { 0: digits, index } of text.matchAll(dense)) {
    const start = Math.max(0, index - personalLimits.marginChars);
    const end = index + digits.length + personalLimits.marginChars;
    const last = windows.at(-1);
    if (last === undefined || start > last.end) windows.push({ start, end });
    else last.end = end;
  }
  return windows;
}
