import { enoughOdds, latinLetters, reversedOdds, rotatedOdds } from "./letters.ts";

/** Necessary conditions of what a text may be written in. */
export interface Survey {
  /** More than ASCII. */
  readonly hasForeign: boolean;
  /** A run of the alphabet of base64. */
  readonly hasRun: boolean;
  /** Letters in a row that stand alone. */
  readonly isSpaced: boolean;
  /** Letters beside digits and signs that look like letters. */
  readonly isMixed: boolean;
  /** A part that reads better after ROT13. */
  readonly isRotated: boolean;
  /** A part that reads better from its end. */
  readonly isReversed: boolean;
}

/** One pass without branches: it is what plain text costs. Bits of a kind: see `bits`. */
export function survey(text: string): Survey {
  // Locals: what stands in a module is looked up each time.
  const [kindOf, rotatedOf, reversedOf] = [kinds, rotatedOdds, reversedOdds];
  let [before, codes, mixed, mixes] = [0, 0, 0, 0];
  let [run, runs, alone, alones] = [0, 0, 0, 0];
  let [rotated, rotations, reversed, reversals] = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const kind = kindOf[code] as number;
    codes |= code;
    run = (run + 1) & -((kind >> 5) & 1);
    runs |= run + 8;
    mixed += (((((before >> 1) & kind) | (before & (kind >> 1))) >> 3) & 0x10) - 1;
    mixed &= ~(mixed >> 31);
    mixes |= mixed;
    alone = (alone + (((kind & ~before) >> 8) & 1)) & (((kind & before) >> 8) - 1);
    alones |= alone + 3;
    const pair = ((before & 0x1f) << 5) | (kind & 0x1f);
    rotated += rotatedOf[pair] as number;
    rotated &= ~(rotated >> 31);
    rotations |= rotated;
    reversed += reversedOf[pair] as number;
    reversed &= ~(reversed >> 31);
    reversals |= reversed;
    before = kind;
  }
  return {
    hasForeign: codes > 0x7f,
    hasRun: runs >= enough.run,
    isSpaced: alones >= enough.alone,
    isMixed: mixes >= enough.mixed,
    isRotated: rotations >= enoughOdds,
    isReversed: reversals >= enoughOdds,
  };
}

/**
 * Powers of two, so that or-ing sums tells whether one was reached: 24 characters of an alphabet, 5
 * letters that stand alone, 5 pairs of a letter and a sign near each other.
 */
const enough = { run: 32, alone: 8, mixed: 64 } as const;

/** Of a code: the five lowest are its Latin letter, as `pairOf` has them. */
const bits = { inAlphabet: 0x20, leet: 0x80, letter: 0x100 } as const;

const kinds = new Uint16Array(0x1_0000);
// Letters of other writing, from Greek on; pairs of them say nothing.
kinds.fill(bits.letter, 0x370, 0x2000).fill(bits.letter, 0x3041, 0xfe00);
for (const [code, letter] of latinLetters.entries()) {
  if (letter > 0) kinds[code] = letter | bits.letter;
}
mark("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=", bits.inAlphabet);
mark("0134578@$!|", bits.leet);

function mark(characters: string, bit: number): void {
  for (const character of characters) {
    const code = character.charCodeAt(0);
    kinds[code] = (kinds[code] ?? 0) | bit;
  }
}
