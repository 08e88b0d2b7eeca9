import { createRequire } from "node:module";
import { once } from "../../manifests/once.ts";

/** What a character is to those who look for letters that look like others. */
export const letterKinds = {
  none: 0,
  ascii: 1,
  /** Looks like a letter of ASCII. */
  alike: 2,
  /** Looks a little like one, which counts only beside letters of ASCII. */
  loose: 3,
  foreign: 4,
  latin: 5,
  /** Belongs to the letter before it, and makes none of the letters that there are. */
  mark: 6,
} as const;

export interface LookAlikes {
  kindOf(codePoint: number): number;
  /** What looks like which letter of ASCII. */
  readonly letters: ReadonlyMap<number, string>;
}

/** Unicode's table of confusable characters (TR39), as far as it is of letters, and a little more. */
export const lookAlikes: () => LookAlikes = once(() => lookAlikesWithout(""));

/** In Turkish the dotless i is a letter of its own. */
export const turkishLookAlikes: () => LookAlikes = once(() => lookAlikesWithout("\u0131"));

function lookAlikesWithout(own: string): LookAlikes {
  const letters = new Map<number, string>();
  const kinds = kindsOfOthers();
  const add = (pairs: Pairs, kind: number): void => {
    for (const [character, letter] of pairs) {
      const codePoint = character.codePointAt(0) ?? 0;
      if (codePoint < 0x80 || character === own) continue;
      letters.set(codePoint, letter);
      kinds[codePoint] = kind;
    }
  };
  add(looseLetters(), letterKinds.loose);
  add(unicodeLetters(), letterKinds.alike);
  add([...smallCapitals, ...filledLetters()], letterKinds.alike);
  return { kindOf: (codePoint) => kinds[codePoint] ?? letterKinds.none, letters };
}

type Pairs = Iterable<readonly [character: string, letter: string]>;

const isLetter = /^\p{L}$/u;
const isOfAscii = /^[A-Za-z]$/;

/** Letters of capital shape and small size, of which Unicode's table has a part. */
const smallCapitals: ReadonlyMap<string, string> = new Map(
  "ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ĸk ʟl ᴍm ʍm ɴn ᴏo ᴘp ǫq ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz"
    .split(" ")
    .map(([character = "", letter = ""]) => [character, letter]),
);

/** Greek and Cyrillic letters that disguises use, though nobody who looks twice takes them for Latin. */
const looseOnes = "εe ηn ωw χx βb μu δd θo яr иn пn гr шw";

function* looseLetters(): Pairs {
  for (const [character = "", letter = ""] of looseOnes.split(" ")) yield [character, letter];
  for (const [character, looks] of unicodeTable()) {
    const letter = smallCapitals.get(looks);
    if (letter !== undefined && isLetter.test(character)) yield [character, letter];
  }
}

function* unicodeLetters(): Pairs {
  for (const [character, looks] of unicodeTable()) {
    if (isOfAscii.test(looks) && isLetter.test(character)) yield [character, looks];
  }
}

const unicodeTable: () => readonly (readonly [string, string])[] = once(() =>
  Object.entries(
    createRequire(import.meta.url)("unhomoglyph/data.json") as Readonly<Record<string, string>>,
  ),
);

/** White letters in a black circle or square; NFKC leaves them. */
function* filledLetters(): Pairs {
  for (let letter = 0; letter < 26; letter += 1) {
    const small = String.fromCharCode(0x61 + letter);
    yield [String.fromCodePoint(0x1f150 + letter), small];
    yield [String.fromCodePoint(0x1f170 + letter), small];
  }
}

/** By code point. Roughly: no letter is missing, and a sign among them harms nobody. */
function kindsOfOthers(): Uint8Array {
  const { ascii, foreign, latin, mark } = letterKinds;
  const kinds = new Uint8Array(0x2_0000);
  kinds.fill(ascii, 0x41, 0x5b).fill(ascii, 0x61, 0x7b);
  kinds.fill(latin, 0xc0, 0x2b0).fill(latin, 0x1e00, 0x1f00);
  kinds.fill(foreign, 0x370, 0x1e00).fill(foreign, 0x1f00, 0x2000).fill(foreign, 0x2c00, 0x2e00);
  kinds.fill(foreign, 0x3005, 0x3008).fill(foreign, 0x3041, 0xd800).fill(foreign, 0xf900, 0xfe00);
  kinds.fill(foreign, 0x1_0000, 0x1_f000);
  kinds.fill(mark, 0x300, 0x370).fill(mark, 0x1ab0, 0x1b00).fill(mark, 0x1dc0, 0x1e00);
  return kinds.fill(mark, 0x20d0, 0x2100);
}
