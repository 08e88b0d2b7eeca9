import { holdsWords, type Place } from "./place.ts";

/** Whether a text can hold members of JSON, or of what is written like it. */
export function mayHoldFields(text: string): boolean {
  return text.includes('":') || text.includes("':") || isWhole.test(text);
}

/**
 * Strings that are members: JSON as it is, in the middle of a text, or with the quotes that other
 * languages print it with. In a text that is JSON as a whole, those in lists, too.
 */
export function* fieldPlaces(text: string): Generator<Place> {
  const opening = new RegExp(isWhole.test(text) ? ofWhole : ofPart, "g");
  for (let match = opening.exec(text); match; match = opening.exec(text)) {
    const start = opening.lastIndex;
    const end = endOfString(text, start, match[0].slice(-1));
    if (end === undefined) continue;
    const place = { kind: "field", start, end } as const;
    if (holdsWords(text, place)) yield place;
    // Its last quote may be the one of a key.
    opening.lastIndex = end;
  }
}

function endOfString(text: string, start: number, quote: string): number | undefined {
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote) return at;
  }
  return undefined;
}

const isWhole = /^\s*[[{]\s*["'{[]/;
const ofPart = /["']\s{0,16}:\s{0,16}(?:\[\s{0,16})?["']/;
const ofWhole = /(?:["']\s{0,16}:|[[,])\s{0,64}["']/;
