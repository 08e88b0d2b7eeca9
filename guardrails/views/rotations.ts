import { type Odds, reversedOdds, rotatedOdds, stretchesOf } from "./letters.ts";
import type { Change } from "./rewritten.ts";
import type { Range } from "./view.ts";

/** What reads better after ROT13, read so. */
export function rotated(text: string): readonly Change[] {
  return stretches(text, rotatedOdds).map((range) => ({
    ...range,
    shown: rot13(text.slice(range.start, range.end)),
    units: "same",
  }));
}

/** What reads better from its end: all of it, and, for itself, each word where it stands. */
export function reversed(text: string): readonly (readonly Change[])[] {
  const parts = stretches(text, reversedOdds);
  return [
    parts.map((range) => mirrored(text, range)),
    parts.flatMap((range) => wordsOf(text, range)),
  ];
}

/** Names and short words at the ends of a part say little. */
const edgeChars = 64;

function stretches(text: string, odds: Odds): readonly Range[] {
  const wide: Range[] = [];
  for (const { start, end } of stretchesOf(text, odds)) {
    const last = wide.at(-1);
    const [from, to] = [Math.max(0, start - edgeChars), Math.min(text.length, end + edgeChars)];
    if (last && from <= last.end) wide[wide.length - 1] = { start: last.start, end: to };
    else wide.push({ start: from, end: to });
  }
  return wide;
}

function rot13(text: string): string {
  const bytes = Buffer.from(text, "utf16le");
  for (let at = 0; at < bytes.length; at += 2) {
    const code = bytes[at] ?? 0;
    const isLetter = bytes[at + 1] === 0 && (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    if (isLetter) bytes[at] = (code | 0x20) < 0x6e ? code + 13 : code - 13;
  }
  return bytes.toString("utf16le");
}

function mirrored(text: string, range: Range): Change {
  const shown = text.slice(range.start, range.end).split("").reverse().join("");
  return { ...range, shown, units: "mirrored" };
}

function wordsOf(text: string, { start, end }: Range): readonly Change[] {
  return Array.from(text.slice(start, end).matchAll(/\p{L}+/gu), ({ 0: word, index }) =>
    mirrored(text, { start: start + index, end: start + index + word.length }),
  );
}
