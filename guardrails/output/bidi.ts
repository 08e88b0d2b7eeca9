import type { Edit } from "./edit.ts";

/**
 * Characters that show a line in another order than it reads: overrides always, embeddings and
 * isolates where their line does not end them, or has no letter that is written from the right.
 */
export function bidiEdits(text: string): readonly Edit[] {
  if (!mayReorder.test(text)) return [];
  return [...text.matchAll(lines)].flatMap(({ 0: line, index }) =>
    mayReorder.test(line) ? editsOf(line, index) : [],
  );
}

const mayReorder = /[\u202a-\u202e\u2066-\u2069]/;
const lines = /[^\n\r\u2028\u2029]+/g;
const reordering = /[\u202a-\u202e\u2066-\u2069]/g;
const writtenFromTheRight = /[\p{sc=Arab}\p{sc=Hebr}\p{sc=Syrc}\p{sc=Thaa}\p{sc=Nkoo}\p{sc=Adlm}]/u;

function editsOf(line: string, at: number): readonly Edit[] {
  const found = [...line.matchAll(reordering)];
  if (
    isHonest(
      line,
      found.map(([character]) => character),
    )
  )
    return [];
  return found.map(({ 0: character, index }) => ({
    kind: "active:bidi",
    start: at + index,
    end: at + index + 1,
    shown: `\\u{${character.charCodeAt(0).toString(16)}}`,
  }));
}

/** Whether each ends what was opened last; an override is opened by nobody. */
function isHonest(line: string, characters: readonly string[]): boolean {
  const allowed = writtenFromTheRight.test(line) ? openings : openingsFromTheLeft;
  const ends: string[] = [];
  return (
    characters.every((character) => {
      const end = allowed.get(character);
      return end === undefined ? ends.pop() === character : ends.push(end) > 0;
    }) && ends.length === 0
  );
}

const openingsFromTheLeft: ReadonlyMap<string, string> = new Map([
  ["\u202a", "\u202c"],
  ["\u2066", "\u2069"],
  ["\u2068", "\u2069"],
]);

const openings: ReadonlyMap<string, string> = new Map([
  ...openingsFromTheLeft,
  ["\u202b", "\u202c"],
  ["\u2067", "\u2069"],
]);
