import { isHan, isWordUnit, markOf, marks, small } from "./characters.ts";
import { emptyHash, mixed, nextHash } from "./hashes.ts";
import { firstWordSign, plainSigns, type Vocabulary } from "./vocabulary.ts";

/** So many signs before a word are seen with it. */
const memory = 4;
/** Signs farther apart than this, in words, have nothing to do with each other. */
const reachWords = 12;
/** A word has no more features than this. */
const featuresPerWord = memory + 5;
/** Chinese words of the vocabulary are no longer. */
const hanChars = 4;

/**
 * Reads a text word by word, and of each word which features it has: its sign, the signs before it, and
 * what stands between. It knows no topic: words that are not of the vocabulary are one like another.
 */
export class Reader {
  /** Of the word that was read last: `features[0]` to `features[count - 1]`. */
  readonly features: Int32Array = new Int32Array(featuresPerWord);
  count = 0;
  start = 0;
  end = 0;
  readonly #vocabulary: Vocabulary;
  readonly #mask: number;
  /** Signs before that are not light, the last first, and which words they were. */
  readonly #signs: Int32Array = new Int32Array(memory);
  readonly #places: Int32Array = new Int32Array(memory).fill(-reachWords * 2);
  #lastSign = 0;
  #mark: number = marks.start;
  #words = 0;
  #hasCapitalsOnly = false;
  readonly #letters: Letters = new Letters();

  constructor(vocabulary: Vocabulary, buckets: number) {
    this.#vocabulary = vocabulary;
    this.#mask = buckets - 1;
  }

  /** Reads the next word from `at` on; false where there is none before `until`. Call it in order. */
  next(text: string, at: number, until: number): boolean {
    let from = at;
    for (; from < until; from += 1) {
      const unit = text.charCodeAt(from);
      if (isWordUnit[unit] === 1) break;
      const mark = markOf[unit] ?? 0;
      if (mark > this.#mark) this.#mark = mark;
    }
    this.start = from;
    this.end = from;
    if (from >= until) return false;
    const sign = isHan(text.charCodeAt(from)) ? this.#hanWord(text) : this.#word(text);
    this.#describe(sign);
    return true;
  }

  #hanWord(text: string): number {
    let hash: number = emptyHash;
    let best: number = plainSigns.other;
    this.end = this.start + 1;
    this.#hasCapitalsOnly = false;
    for (let at = this.start; at < this.start + hanChars; at += 1) {
      const unit = text.charCodeAt(at);
      if (!isHan(unit)) break;
      hash = nextHash(hash, unit);
      const sign = this.#vocabulary.words.get(hash);
      if (sign === 0) continue;
      best = sign;
      this.end = at + 1;
    }
    return best;
  }

  #word(text: string): number {
    const letters = this.#letters;
    letters.begin();
    let at = this.start;
    for (; goesOn(text, at); at += 1) {
      letters.add(text.charCodeAt(at));
      const sign = this.#vocabulary.prefixes.get(letters.hash);
      if (sign > 0) letters.prefix = sign;
    }
    if (isAddress(text, at)) return this.#address(text, at);
    this.end = at;
    this.#hasCapitalsOnly = letters.capitals === at - this.start && letters.capitals > 2;
    return this.#vocabulary.words.get(letters.hash) || letters.prefix || letters.plainSign;
  }

  /** Of the web or of mail: to its end, whatever is in it. */
  #address(text: string, from: number): number {
    let at = from + 1;
    while (isAddressUnit(text.charCodeAt(at))) at += 1;
    this.end = at;
    this.#hasCapitalsOnly = false;
    return plainSigns.address;
  }

  #describe(sign: number): void {
    const isLight = this.#vocabulary.isLight[sign] === 1;
    this.count = 0;
    if (saysMuch(sign)) this.#add(1, sign, 0);
    if (this.#hasCapitalsOnly && sign > plainSigns.capitals) this.#add(2, sign, 0);
    if (this.#mark > 0 && saysMuch(sign)) this.#add(3, this.#mark, sign);
    if (saysMuch(sign) || saysMuch(this.#lastSign)) {
      this.#add(4, this.#lastSign, (this.#mark > marks.comma ? this.#mark : 0) * 256 + sign);
    }
    if (!isLight) this.#relate(sign);
    this.#lastSign = sign;
    this.#mark = marks.none;
    this.#words += 1;
  }

  #relate(sign: number): void {
    const [signs, places] = [this.#signs, this.#places];
    for (let back = 0; back < memory; back += 1) {
      const words = this.#words - (places[back] as number);
      if (words > reachWords) break;
      this.#add(words <= 2 ? 5 : 6, signs[back] as number, sign);
      if (back === 1) this.#add(7, signs[1] as number, (signs[0] as number) * 256 + sign);
    }
    signs.copyWithin(1, 0, memory - 1);
    places.copyWithin(1, 0, memory - 1);
    signs[0] = sign;
    places[0] = this.#words;
  }

  #add(sort: number, first: number, rest: number): void {
    this.features[this.count] = mixed(sort, first, rest) & this.#mask;
    this.count += 1;
  }
}

/** Rows of numbers and of unknown words say nothing, however long they are. */
function saysMuch(sign: number): boolean {
  return sign >= firstWordSign || sign === plainSigns.address;
}

/** What was read of one word. */
class Letters {
  hash: number = emptyHash;
  /** The sign of the longest beginning that is known. */
  prefix = 0;
  capitals = 0;
  #digits = 0;
  #count = 0;

  begin(): void {
    this.hash = emptyHash;
    this.prefix = 0;
    this.capitals = 0;
    this.#digits = 0;
    this.#count = 0;
  }

  add(unit: number): void {
    const lower = unit === curlyApostrophe ? apostrophe : (small[unit] as number);
    this.hash = nextHash(this.hash, lower);
    this.#count += 1;
    if (lower !== unit && unit !== curlyApostrophe) this.capitals += 1;
    if (unit >= 0x30 && unit <= 0x39) this.#digits += 1;
  }

  /** Of a word that is not known. */
  get plainSign(): number {
    if (this.#digits > 0) return plainSigns.number;
    const isShouted = this.capitals === this.#count && this.#count > 1;
    return isShouted ? plainSigns.capitals : plainSigns.other;
  }
}

const apostrophe = 0x27;
const curlyApostrophe = 0x20_19;

function isLetter(unit: number): boolean {
  return isWordUnit[unit] === 1 && !isHan(unit);
}

/** Whether the unit is of the word before it: a letter, or an apostrophe within. */
function goesOn(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (isLetter(unit)) return true;
  if (unit !== apostrophe && unit !== curlyApostrophe) return false;
  return isLetter(text.charCodeAt(at + 1));
}

/** Whether the word before is the beginning of one: `https://`, `name@`. */
function isAddress(text: string, at: number): boolean {
  if (text.startsWith("://", at)) return true;
  return text.charCodeAt(at) === 0x40 && isLetter(text.charCodeAt(at + 1));
}

/** Anything but white space, quotes and angle brackets; `NaN` is the end of the text. */
function isAddressUnit(unit: number): boolean {
  return unit > 0x20 && unit !== 0x22 && unit !== 0x27 && unit !== 0x3c && unit !== 0x3e;
}
