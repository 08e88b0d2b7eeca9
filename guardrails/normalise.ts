import { once } from "../manifests/once.ts";
import { viewLimits } from "../manifests/view-limits.ts";
import { wholeSequence } from "./output/terminal.ts";
import { Pieces } from "./views/pieces.ts";

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
  const signs = notPlain.test(text) ? signsIn(text) : 0;
  if (signs === 0) return unchanged(text);
  const disguises = (signs & mayHide) === 0 ? [] : findDisguises(text);
  if (disguises.length === 0 && isNfkc(text)) return unchanged(text);
  const pieces = new Pieces();
  let at = 0;
  for (const { start, end } of [...disguises, { start: text.length, end: text.length }]) {
    addVisible(pieces, text.slice(at, start), at);
    at = end;
  }
  return { ...pieces.assembled(), disguises };
}

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

/** A terminal shows nothing of a whole sequence, and not only of the character that begins it. */
const disguised = new RegExp(
  `${honest}|${disguiseClasses
    .map((characters, index) =>
      disguiseKinds[index] === "control"
        ? `((?:${wholeSequence}|[${characters}])+)`
        : `([${characters}]+)`,
    )
    .join("|")}`,
  "gv",
);

/** What NFKC may change or join, and what belongs to the letter before it. */
const changing = String.raw`[\p{Changes_When_NFKC_Casefolded}--[A-Z\u00c0-\u00de\u0391-\u03ab\u0400-\u042f]]`;
const joined = String.raw`\p{M}\u1161-\u1175\u11a8-\u11c2`;
/** A character with its marks. */
const cluster = new RegExp(`[^${joined}][${joined}]{0,31}|[${joined}]{1,32}`, "vy");
const notPlain = /[^\t\n\r -~]/;

const [mayChange, mayHide] = [1, 2];

/** Letters with marks, Greek, Russian and Chinese are not plain, and mostly stay as they are, too. */
function signsIn(text: string): number {
  const signs = signsOfCodes();
  let all = 0;
  for (let at = 0; at < text.length; at += 1) all |= signs[text.charCodeAt(at)] as number;
  return all;
}

/** Of each code. Halves of what has two may be of anything; tags and selectors begin with one of them. */
const signsOfCodes: () => Uint8Array = once(() => {
  const change = new RegExp(`[${changing}${joined}\\p{Cs}]`, "v");
  const hide = new RegExp(`[${disguiseClasses.join("")}\\udb40]`, "v");
  return Uint8Array.from({ length: 0x1_0000 }, (_, code) => {
    const character = String.fromCharCode(code);
    return (change.test(character) ? mayChange : 0) | (hide.test(character) ? mayHide : 0);
  });
});

function findDisguises(text: string): Disguise[] {
  const found: Disguise[] = [];
  for (const match of text.matchAll(disguised)) {
    const kind = disguiseKinds[match.findIndex((part, index) => index > 0 && part) - 1];
    if (kind) found.push({ kind, start: match.index, end: match.index + match[0].length });
  }
  return found;
}

function addVisible(pieces: Pieces, source: string, at: number): void {
  if (isNfkc(source)) {
    pieces.addEach(source, at);
    return;
  }
  for (let from = 0; from < source.length; ) {
    const sign = nextSign(source, from);
    // What stands before a mark may be changed by it.
    const end = sign === source.length ? sign : Math.max(from, sign - 1);
    pieces.addEach(source.slice(from, end), at + from);
    from = end + addCluster(pieces, source, { start: end, at });
  }
}

/** How long it is. */
function addCluster(
  pieces: Pieces,
  source: string,
  { start, at }: { readonly start: number; readonly at: number },
): number {
  cluster.lastIndex = start;
  const part = cluster.exec(source)?.[0] ?? "";
  const shown = part.normalize("NFKC");
  const place = at + start;
  // A sign that stands for a phrase is left as it is: a text of them would be many times as long.
  if (shown === part || shown.length > viewLimits.normalisedChars) pieces.addEach(part, place);
  else pieces.add(shown, { start: place, end: place + part.length });
  return part.length;
}

function nextSign(text: string, from: number): number {
  const signs = signsOfCodes();
  let at = from;
  while (at < text.length && ((signs[text.charCodeAt(at)] as number) & mayChange) === 0) at += 1;
  return at;
}

function unchanged(text: string): Normalised {
  return { text, disguises: [], original: (start, end) => ({ start, end }) };
}

function isNfkc(text: string): boolean {
  return text.normalize("NFKC") === text;
}
