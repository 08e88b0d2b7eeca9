import { limits } from "./limits.ts";

/**
 * The spellings of a text that are looked for, in the form that `reflection.ts` reads texts in:
 * plain, backwards, in the numbers of its characters, and in base64 and base32 wherever it may begin
 * there. Percent-encoding and escapes are undone in what is read, so they need no spelling here.
 */
export function spellingsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text, "latin1");
  const spellings = [
    text,
    [...text].reverse().join(""),
    ...[2, 8, 10, 16].map((radix) => numbersOf(bytes, radix)),
    ...coresOf(bytes, base64),
    ...coresOf(Buffer.from(text, "utf16le"), base64),
    ...coresOf(bytes, base64).flatMap((core) => coresOf(Buffer.from(core), base64)),
    ...coresOf(bytes, base32),
  ];
  return [...new Set(spellings.map(compact))].filter((one) => one.length >= shortest);
}

/** The first of them, for what is no loss: each spelling is looked for in all that a guest says. */
export function usualSpellingsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text, "latin1");
  const backwards = [...text].reverse().join("");
  return [text, backwards, numbersOf(bytes, 16), ...coresOf(bytes, base64)].map(compact);
}

/** Fewer characters are met by chance. */
const shortest = 6;

/** Letters and digits in lower case: no separator, line end, quote or padding hides a text in that. */
export function compact(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/g, "").toLowerCase();
}

/**
 * What a server that takes a secret apart may say back of it: where it is base64 of a text, that
 * text, and the password in it.
 */
export function textsIn(value: string): readonly string[] {
  const text = Buffer.from(value, "base64").toString("latin1");
  const isWhole = Buffer.from(text, "latin1").toString("base64") === value;
  if (!isWhole || !/^[\x20-\x7e]+$/.test(text)) return [];
  const texts = [text, text.slice(text.indexOf(":") + 1)];
  return texts.filter((one) => compact(one).length >= limits.secretCharsLeast);
}

/** Each character by its number, in the usual width of that radix. */
function numbersOf(bytes: Buffer, radix: number): string {
  const width = { 2: 8, 8: 3, 16: 2 }[radix] ?? 0;
  return Array.from(bytes, (byte) => byte.toString(radix).padStart(width, "0")).join("");
}

interface Coding {
  readonly alphabet: string;
  /** Bits of one character. */
  readonly bits: number;
  /** Bytes after which it begins anew. */
  readonly period: number;
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const base64: Coding = {
  alphabet: `${letters}${letters.toLowerCase()}0123456789+/`,
  bits: 6,
  period: 3,
};
const base32: Coding = { alphabet: `${letters}234567`, bits: 5, period: 5 };

/** The characters that depend on these bytes alone, for each number of bytes that stand before. */
function coresOf(bytes: Buffer, { alphabet, bits, period }: Coding): readonly string[] {
  const binary = numbersOf(bytes, 2);
  return Array.from({ length: period }, (_, shift) => {
    const own = binary.slice((bits - ((shift * 8) % bits)) % bits);
    const units = own.match(new RegExp(`.{${bits}}`, "g")) ?? [];
    return units.map((unit) => alphabet[Number.parseInt(unit, 2)]).join("");
  });
}
