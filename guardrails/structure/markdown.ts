import type { Place } from "./place.ts";

/** Whether there can be links, images or definitions of Markdown. */
export function mayBeMarkdown(text: string): boolean {
  return text.includes("](") || text.includes("]:");
}

/** What Markdown holds beside what it shows: alternative texts, titles, and definitions, which hide comments. */
export function* markdownPlaces(text: string): Generator<Place> {
  for (const [pattern, kind] of patterns) {
    for (const match of text.matchAll(pattern)) {
      const said = match[1] ?? "";
      const start = match.index + match[0].lastIndexOf(said);
      yield { kind, start, end: start + said.length };
    }
  }
}

/** Each begins at a mark that it cannot pass a second time, so that all of them are linear. */
const patterns: readonly (readonly [RegExp, Place["kind"]])[] = [
  [/!\[([^[\]]{12,2000})\]/g, "attribute"],
  [/\]\([^()\s"']{0,2000}\s+["']([^"'\n]{12,2000})["']\s*\)/g, "attribute"],
  [
    /^ {0,3}\[[^[\]\n]{1,200}\]:[ \t]{1,16}(?:<[^<>\n]{0,500}>|[^\s<]{1,500})[ \t]*\n?[ \t]+["'(]([^\n]{12,2000})["')][ \t]*$/gm,
    "comment",
  ],
  [/^ {0,3}\[[^[\]\n]{12,1000}\]:[ \t]{0,16}(?:#|<>)/gm, "comment"],
];
