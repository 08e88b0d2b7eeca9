import { likeliestWord, oddsOfWord } from "./letters.ts";
import type { Change } from "./rewritten.ts";

/**
 * Words in which digits and signs stand for letters (`1gn0r3`), where several read as words. In the first
 * reading a stroke is an i, as most have it; in the second, where it differs, an i or an l, whichever looks
 * more like a word.
 */
export function withoutLeetspeak(text: string): readonly (readonly Change[])[] {
  const byRule = [...leetWords(text)];
  const likeliest = byRule.map((change) => {
    const word = text.slice(change.start, change.end);
    if (!hasStroke.test(word)) return change;
    const places = Array.from(change.shown, (letter, at) => strokes[word.charAt(at)] ?? letter);
    return { ...change, shown: likeliestWord(places) };
  });
  const isOther = likeliest.some(({ shown }, index) => shown !== byRule[index]?.shown);
  return isOther ? [byRule, likeliest] : [byRule];
}

function* leetWords(text: string): Generator<Change> {
  const seen = new Set<string>();
  let held: Change[] = [];
  let [sum, isSure] = [0, false];
  for (const { 0: word, index } of text.matchAll(/[a-z0-9@$!|]+/gi)) {
    const change = changeOf(word, index, text);
    sum = Math.min(Math.max(0, sum + oddsOf(word, change, seen)), evidence.all * 2);
    isSure ||= sum >= evidence.all;
    if (change) held.push(change);
    if (sum > 0) continue;
    if (isSure) yield* held;
    // A number before the first of them may be a word.
    [held, isSure] = [change ? [change] : [], false];
    seen.clear();
  }
  if (isSure) yield* held;
}

/** Quarters of a bit. One word may be anything; several of letters and digits that read as words may not. */
const evidence = { all: 64, word: 8, other: 2 } as const;

function oddsOf(word: string, change: Change | undefined, seen: Set<string>): number {
  if (change === undefined || !mayBeWord.test(word) || seen.has(word)) return -evidence.other;
  seen.add(word);
  const odds = oddsOfWord(change.shown);
  const otherOdds = hasStroke.test(word) ? oddsOfWord(shownOf(word.replace(/[1|]/g, "l"))) : odds;
  return Math.max(odds, otherOdds) - evidence.word;
}

/** Has letters, and no digit that stands for none. */
const mayBeWord = /^[013-578@$!|]*[a-z][a-z013-578@$!|]*$/i;

function changeOf(written: string, start: number, text: string): Change | undefined {
  if (written.length > longestWord || !hasSign.test(written)) return undefined;
  const word = written.replace(/!+$/, "");
  const end = start + word.length;
  if (/^\d+$/.test(word) && !mayBeShortWord(word, text.charAt(start - 1) + text.charAt(end))) {
    return undefined;
  }
  const isAddress = word.includes("@") && /^\.[a-z0-9]/i.test(text.slice(end, end + 2));
  const shown = isAddress ? word.split("@").map(shownOf).join("@") : shownOf(word);
  return { start, end, shown, units: "same" };
}

/** `70` may be a word; a year, a date and a price are none. */
function mayBeShortWord(digits: string, around: string): boolean {
  return digits.length <= 3 && !/[269]/.test(digits) && !/[-/.:,_#%]/.test(around);
}

function shownOf(word: string): string {
  let shown = "";
  for (const sign of word) shown += letters[sign] ?? sign;
  return shown;
}

/** Longer ones are keys and numbers. */
const longestWord = 24;
const hasSign = /[0134578@$!|]/;

/** What a sign stands for most often. */
const letters: Readonly<Record<string, string>> = {
  ...{ 0: "o", 1: "i", 3: "e", 4: "a", 5: "s", 7: "t", 8: "b" },
  ...{ "@": "a", $: "s", "!": "i", "|": "i" },
};

/** What else it stands for. */
const strokes: Readonly<Record<string, string>> = { 1: "il", "|": "il" };
const hasStroke = /[1|]/;
