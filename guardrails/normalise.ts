import { assemble, type Piece } from "./views/pieces.ts";

/** Ways to make a text look other than it reads. */
const disguiseKinds = ["zero-width", "bidi", "tags", "variation", "control"] as const;
export type DisguiseKind = (typeof disguiseKinds)[number];

export interface Disguise {
  readonly kind: DisguiseKind;
  /** Offsets in the text as it was given, UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

export interface Normalised {
  /** What a reader sees: NFKC, without what is invisible or reorders. */
  readonly text: string;
  /** Runs of characters that were removed, in order. */
  readonly disguises: readonly Disguise[];
  /** The part of the given text that shows as `text.slice(start, end)`. */
  original(start: number, end: number): { readonly start: number; readonly end: number };
}

/**
 * What a text looks like without disguise. Linear in its length. Joiners and selectors where
 * writing needs them (emoji, Arabic and Indic letters) stay and are no disguise. NFKC is applied to
 * a character with its marks, so that each result keeps its place.
 */
export function normalise(text: string): Normalised {
  if (!notPlain.test(text)) return unchanged(text);
  const disguises = findDisguises(text);
  if (disguises.length === 0 && isNfkc(text)) return unchanged(text);
  return { ...assemble(visiblePieces(text, disguises)), disguises };
}

const notPlain = /[^\t\n\r -~]/;

/** One class for each of `disguiseKinds`, in its order. */
const disguiseClasses = [
  String.raw`\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb`,
  String.raw`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069`,
  String.raw`\u{e0000}-\u{e007f}`,
  String.raw`\ufe00-\ufe0f\u{e0100}-\u{e01ef}`,
  String.raw`\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f`,
];

const emoji = String.raw`\p{Extended_Pictographic}(?:[\ufe0e\ufe0f]|\p{Emoji_Modifier})?`;
const joining = ["Arab", "Beng", "Deva", "Gujr", "Guru", "Knda", "Mlym", "Orya", "Sinh", "Syrc"]
  .concat("Taml", "Telu", "Thaa")
  .map((script) => String.raw`\p{scx=${script}}`)
  .join("");
const flag = (letters: string): string =>
  [..."gb", ...letters].map((letter) => `\\u{e00${letter.charCodeAt(0).toString(16)}}`).join("");

/** Invisible characters where honest writing has them. */
const honest = [
  String.raw`\u{1f3f4}(?:${flag("eng")}|${flag("sct")}|${flag("wls")})\u{e007f}`,
  String.raw`${emoji}(?:\u200d${emoji}){0,8}`,
  String.raw`[0-9#*]\ufe0f\u20e3`,
  String.raw`(?<=[${joining}])[\u200c\u200d](?=[${joining}])`,
].join("|");

const disguised = new RegExp(
  `${honest}|${disguiseClasses.map((characters) => `([${characters}]+)`).join("|")}`,
  "gv",
);
const cluster = /[\t\n\r -~]+(?!\p{M})|\P{M}\p{M}{0,31}|\p{M}{1,32}/gv;

function findDisguises(text: string): Disguise[] {
  const found: Disguise[] = [];
  for (const match of text.matchAll(disguised)) {
    const kind = disguiseKinds[match.findIndex((part, index) => index > 0 && part) - 1];
    if (kind) found.push({ kind, start: match.index, end: match.index + match[0].length });
  }
  return found;
}

function visiblePieces(text: string, disguises: readonly Disguise[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { start, end } of [...disguises, { start: text.length, end: text.length }]) {
    addPieces(pieces, text.slice(at, start), at);
    at = end;
  }
  return pieces;
}

function addPieces(pieces: Piece[], source: string, at: number): void {
  if (isNfkc(source)) {
    if (source !== "") pieces.push({ source, shown: source, at });
    return;
  }
  for (const { 0: part, index } of source.matchAll(cluster)) {
    pieces.push({ source: part, shown: part.normalize("NFKC"), at: at + index });
  }
}

function unchanged(text: string): Normalised {
  return { text, disguises: [], original: (start, end) => ({ start, end }) };
}

function isNfkc(text: string): boolean {
  return text.normalize("NFKC") === text;
}
