import { likeliestWord, oddsOfWord } from "./letters.ts";
import { type LookAlikes, letterKinds, lookAlikes, turkishLookAlikes } from "./look-alikes.ts";
import type { Change } from "./rewritten.ts";

/**
 * Words with letters that look like those of ASCII, read as they look: where both stand in one word, or
 * where hardly a letter of the text looks like none. Russian, Greek and Chinese stay what they are. Marks
 * that make no letter are left out.
 */
export function* asTheyLook(text: string): Generator<Change> {
  const known = /[ğşĞŞİ]/.test(text) ? turkishLookAlikes() : lookAlikes();
  const { alike, loose, foreign, isMixed } = censusOf(text, known);
  // Of Greek and Russian every fifth letter looks like none of ASCII.
  const isLatin = foreign * 8 <= alike + loose && (isMixed || (alike > 0 && loose === 0));
  if (isMixed || isLatin) yield* changesIn(text, known, isLatin);
}

interface Census {
  readonly alike: number;
  readonly loose: number;
  readonly foreign: number;
  /** Whether letters of ASCII stand beside such as look like them, or marks that are none of theirs. */
  readonly isMixed: boolean;
}

const { ascii, alike, loose, foreign, mark } = letterKinds;

function censusOf(text: string, { kindOf }: LookAlikes): Census {
  const counts = [0, 0, 0, 0, 0, 0, 0];
  const beside = new Uint8Array(64);
  let before = 0;
  for (let at = 0; at < text.length; at += 1) {
    const codePoint = text.codePointAt(at) ?? 0;
    const kind = kindOf(codePoint);
    counts[kind] = (counts[kind] ?? 0) + 1;
    beside[(before << 3) | kind] = 1;
    before = kind;
    if (codePoint > 0xffff) at += 1;
  }
  const isBeside = (kind: number): boolean =>
    beside[(ascii << 3) | kind] === 1 || beside[(kind << 3) | ascii] === 1;
  return {
    alike: counts[alike] ?? 0,
    loose: counts[loose] ?? 0,
    foreign: counts[foreign] ?? 0,
    isMixed: [alike, loose, mark].some(isBeside),
  };
}

function* changesIn(text: string, known: LookAlikes, isLatin: boolean): Generator<Change> {
  for (const { 0: word, index: start } of text.matchAll(wordWithForeign)) {
    const kinds = kindsIn(word, known);
    if (!mayBeDisguised(kinds, isLatin)) continue;
    const shown = readingOf(word, known);
    // `SMSка` is Russian, too; what looks a little like a word is one.
    if (shown === word || (kinds.has(loose) && oddsOfWord(shown) <= 0)) continue;
    const end = start + word.length;
    const isSameLength = shown.length === word.length;
    yield { start, end, shown, ...(isSameLength && { units: "same" as const }) };
  }
}

/** Linear: each begins where no word is, and none is begun in the middle of one. */
const inWord = String.raw`\p{L}\p{M}\p{N}\u{1f150}-\u{1f189}`;
const wordWithForeign = new RegExp(`(?<![${inWord}])[${inWord}]+`, "gu");

function kindsIn(word: string, { kindOf }: LookAlikes): ReadonlySet<number> {
  const kinds = new Set<number>();
  for (const character of word) kinds.add(kindOf(character.codePointAt(0) ?? 0));
  return kinds;
}

function mayBeDisguised(kinds: ReadonlySet<number>, isLatin: boolean): boolean {
  if (kinds.has(foreign)) return false;
  const isWorn = kinds.has(alike) || kinds.has(loose);
  return kinds.has(ascii) ? isWorn || kinds.has(mark) : isLatin && isWorn;
}

/** An upright stroke is an i or an l, whichever makes the better word. */
function readingOf(word: string, { letters }: LookAlikes): string {
  const plain = word.normalize("NFD").replace(/\p{M}/gu, "");
  const places = Array.from(plain, (character) => {
    const letter = letters.get(character.codePointAt(0) ?? 0) ?? character;
    return letter === "l" && character !== "l" ? "lI" : letter;
  });
  return likeliestWord(places);
}
