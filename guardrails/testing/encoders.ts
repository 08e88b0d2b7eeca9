import { gzipSync } from "node:zlib";
import type { Layer } from "../views/view.ts";

/** How to write a text in each layer that is read. */
export const encoders: Readonly<Record<Layer, (text: string) => string>> = {
  base64: (text) => Buffer.from(text).toString("base64"),
  base32: (text) => base32(Buffer.from(text)),
  hex: (text) => Buffer.from(text).toString("hex"),
  percent: (text) =>
    bytesOf(text)
      .map((byte) => `%${hexOf(byte)}`)
      .join(""),
  entities: (text) => [...text].map((one) => `&#${one.codePointAt(0)};`).join(""),
  "quoted-printable": (text) =>
    bytesOf(text)
      .map((byte) => `=${hexOf(byte).toUpperCase()}`)
      .join(""),
  escapes: (text) =>
    unitsOf(text)
      .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
      .join(""),
  packed: (text) => `data:text/plain;base64,${gzipSync(text).toString("base64")}`,
  markup: (text) => text.replace(/^..|(?<= )[a-z]{2}(?=[a-z])/g, "$&<!-- note --><span></span>"),
  hidden: (text) => selectors(Buffer.from(text)),
  confusables: (text) => lettersBy(homoglyphs, text),
  spaced: (text) => [...text].join(" "),
  leetspeak: (text) => lettersBy(leetspeak, text),
  rot13: (text) => text.replace(/[a-z]/gi, rotated),
  reversed: (text) => [...text].reverse().join(""),
};

const ofWords: readonly Layer[] = ["spaced", "leetspeak", "rot13", "reversed"];

/** Those that are read whatever is written in them: the others only where words come out. */
export const encodings: readonly (readonly [Layer, (text: string) => string])[] = Object.entries(
  encoders,
)
  .map(([layer, encode]) => [layer as Layer, encode] as const)
  .filter(([layer]) => !ofWords.includes(layer));

function selectors(bytes: Buffer): string {
  return Array.from(bytes, (byte) =>
    String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16),
  ).join("");
}

/** Cyrillic letters that look like Latin ones. */
const homoglyphs = new Map(
  Object.entries({ a: "\u0430", c: "\u0441", e: "\u0435", i: "\u0456", o: "\u043e", p: "\u0440" }),
);

const leetspeak = new Map(Object.entries({ a: "4", e: "3", i: "1", o: "0", s: "5", t: "7" }));

function lettersBy(table: ReadonlyMap<string, string>, text: string): string {
  return [...text].map((letter) => table.get(letter) ?? letter).join("");
}

function rotated(letter: string): string {
  const code = letter.charCodeAt(0);
  return String.fromCharCode((code | 0x20) < 0x6e ? code + 13 : code - 13);
}

function bytesOf(text: string): readonly number[] {
  return [...Buffer.from(text)];
}

function unitsOf(text: string): readonly number[] {
  return Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = bits.match(/.{1,5}/g) ?? [];
  return letters.map((five) => alphabet[Number.parseInt(five.padEnd(5, "0"), 2)]).join("");
}
