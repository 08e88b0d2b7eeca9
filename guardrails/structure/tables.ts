import { structureLimits } from "../../manifests/structure-limits.ts";
import { holdsWords, type Place } from "./place.ts";

/** What separates the cells of a text whose first rows have equally many, more than two. */
export function separatorOf(text: string): string | undefined {
  const rows = text.split(/\r?\n/, structureLimits.tableRows).filter((row) => row !== "");
  if (rows.length < 2) return undefined;
  return [",", ";", "\t", "|"].find((separator) => {
    const counts = rows.map((row) => withoutQuoted(row).split(separator).length);
    return (counts[0] ?? 0) > 2 && counts.every((count) => count === counts[0]);
  });
}

function withoutQuoted(row: string): string {
  return row.replace(/"[^"]*"/g, "");
}

/** Cells that hold words: RFC 4180, with whatever separator. */
export function* cellPlaces(text: string, separator: string): Generator<Place> {
  let at = 0;
  while (at < text.length) {
    const isQuoted = text[at] === '"';
    const start = isQuoted ? at + 1 : at;
    const end = isQuoted ? quotedEnd(text, start) : plainEnd(text, start, separator);
    const place = { kind: "cell", start, end } as const;
    if (holdsWords(text, place)) yield place;
    at = Math.max(end, plainEnd(text, end, separator)) + 1;
  }
}

function quotedEnd(text: string, start: number): number {
  for (let at = start; ; at += 2) {
    at = text.indexOf('"', at);
    if (at === -1) return text.length;
    if (text[at + 1] !== '"') return at;
  }
}

function plainEnd(text: string, start: number, separator: string): number {
  let at = start;
  while (at < text.length && text[at] !== separator && text[at] !== "\n") at += 1;
  return at;
}
