import { letterPairs } from "./letter-pairs.ts";
import type { Range } from "./view.ts";

/** For each pair of letters, how much it says; see `pairOf`. */
export type Odds = Int8Array;

/** Letters are 1 to 26, whatever their case and marks; 0 is all that lies between words. */
function pairOf(before: number, letter: number): number {
  return (before << letterBits) | letter;
}

const letterBits = 5;

/** How much likelier a pair is where words are than by chance, in quarters of a bit. */
const wordOdds: Odds = oddsOf(quartersOf);

/** What is enough of the two that follow: a power of two, so that or-ing sums tells whether it was reached. */
export const enoughOdds = 128;

/** How much more a pair looks like words in ROT13 than like words or chance; sixteen bits are enough. */
export const rotatedOdds: Odds = oddsOfDisguise((before, letter) => {
  const quarters = quartersOf(rotated(before), rotated(letter));
  return ((quarters - ordinary(before, letter, 0.5)) / (16 * 4)) * enoughOdds;
});

/** The same of words that are written from their end, which look more like others: 22 bits. */
export const reversedOdds: Odds = oddsOfDisguise((before, letter) => {
  const quarters = quartersOf(letter, before);
  return ((quarters - ordinary(before, letter, 0.3)) / (22 * 4)) * enoughOdds;
});

/** Of a code of Latin writing, its letter. */
export const latinLetters: Uint8Array = Uint8Array.from({ length: 0x250 }, (_, code) => {
  const [base = ""] = String.fromCharCode(code).normalize("NFD").toLowerCase();
  return /^[a-z]$/.test(base) ? base.charCodeAt(0) - 0x60 : 0;
});

/** How much more a word looks like one than like chance, in quarters of a bit. */
export function oddsOfWord(word: string): number {
  let [before, odds] = [0, 0];
  for (let at = 0; at <= word.length; at += 1) {
    const letter = latinLetters[word.charCodeAt(at)] ?? 0;
    odds += wordOdds[pairOf(before, letter)] ?? 0;
    before = letter;
  }
  return odds;
}

/** Of the letters that each place of a word may have, those that together look most like a word. */
export function likeliestWord(places: readonly string[]): string {
  if (places.every((place) => place.length === 1)) return places.join("");
  let ways: readonly Way[] = [{ word: "", odds: 0, last: 0 }];
  for (const place of places) ways = Array.from(place, (letter) => wayTo(letter, ways));
  return wayTo("", ways).word;
}

interface Way {
  readonly word: string;
  readonly odds: number;
  readonly last: number;
}

function wayTo(letter: string, ways: readonly Way[]): Way {
  const last = latinLetters[letter.charCodeAt(0)] ?? 0;
  const all = ways.map(({ word, odds, last: before }) => ({
    ...{ word: word + letter, last },
    odds: odds + (wordOdds[pairOf(before, last)] ?? 0),
  }));
  return all.reduce((best, way) => (way.odds > best.odds ? way : best));
}

/** Parts of a text that say enough, from where they begin to say it to where they end, in order. */
export function* stretchesOf(text: string, odds: Odds): Generator<Range> {
  let best: Stretch = none;
  let [before, start, sum] = [0, 0, 0];
  for (let at = 0; at <= text.length; at += 1) {
    const letter = latinLetters[text.charCodeAt(at)] ?? 0;
    sum += odds[pairOf(before, letter)] ?? 0;
    before = letter;
    if (sum > best.sum) best = { start, end: at, sum };
    if (sum > 0 && sum > best.sum - enoughOdds && at < text.length) continue;
    if (best.sum >= enoughOdds) yield best;
    [best, start, sum] = [none, at, 0];
  }
}

interface Stretch extends Range {
  readonly sum: number;
}

const none: Stretch = { start: 0, end: 0, sum: 0 };

function oddsOf(weigh: (before: number, letter: number) => number): Odds {
  const odds = new Int8Array(1 << (2 * letterBits));
  for (let pair = 1; pair < 27 * 27; pair += 1) {
    const [before, letter] = [Math.floor(pair / 27), pair % 27];
    const rounded = Math.round(weigh(before, letter));
    odds[pairOf(before, letter)] = Math.max(-128, Math.min(127, rounded));
  }
  return odds;
}

function quartersOf(before: number, letter: number): number {
  const asByChance = 0x3f;
  return (letterPairs[before]?.charCodeAt(letter) ?? asByChance) - asByChance;
}

/** Words, and some chance: names, numbers and other languages. */
function ordinary(before: number, letter: number, chance: number): number {
  return 4 * Math.log2(chance + (1 - chance) * 2 ** (quartersOf(before, letter) / 4));
}

/** A letter that stands alone says nothing for a disguise, and neither do two of the same. */
function oddsOfDisguise(weigh: (before: number, letter: number) => number): Odds {
  return oddsOf((before, letter) => {
    if (before === letter) return 0;
    const alone = before === 0 ? Math.max(0, weigh(0, letter) + weigh(letter, 0)) : 0;
    return weigh(before, letter) - Math.ceil(alone);
  });
}

function rotated(letter: number): number {
  return letter === 0 ? 0 : ((letter + 12) % 26) + 1;
}
