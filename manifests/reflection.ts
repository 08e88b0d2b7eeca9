import { constants, gunzipSync } from "node:zlib";
import { limits } from "./limits.ts";
import { compact, spellingsOf } from "./reflection-needles.ts";

/** What is looked for in texts. */
export interface Needle {
  /** Stands where the text stood. */
  readonly token: string;
  readonly spellings: readonly string[];
}

export function needleOf(
  text: string,
  token: string,
  spellings: readonly string[] = spellingsOf(text),
): Needle {
  // A secret that looks escaped itself is unescaped along with the text around it.
  const plain = text.replace(escapes, decode);
  return { token, spellings: [...spellings, ...(plain === text ? [] : [compact(plain)])] };
}

/**
 * True where a needle stands in the text: plain, reversed, split by separators, in any case, in
 * base64, hexadecimal, percent-encoding, JSON or HTML escapes up to three deep, or gzipped in
 * base64.
 */
export function holds(text: string, needles: readonly Needle[]): boolean {
  return needles.length > 0 && (stands(text, needles) || packedSpans(text, needles).length > 0);
}

/** Those places, in order; they may overlap. */
export function placesOf(text: string, needles: readonly Needle[]): readonly Span[] {
  if (!holds(text, needles)) return [];
  const spans = [...packedSpans(text, needles), ...plainSpans(text, needles)];
  return spans.toSorted((a, b) => a.start - b.start);
}

/** The text with each of those places replaced by its token. */
export function redact(text: string, needles: readonly Needle[]): string {
  let redacted = "";
  let at = 0;
  for (const { start, end, token } of placesOf(text, needles)) {
    if (end <= at) continue;
    if (start >= at) redacted += text.slice(at, start) + token;
    at = end;
  }
  return redacted + text.slice(at);
}

/** Where a needle stands in a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly token: string;
}

/** Without places, which cost ten times as much. */
function stands(text: string, needles: readonly Needle[]): boolean {
  let read = text;
  for (let depth = 0; depth <= escapeDepth; depth += 1) {
    const plain = compact(read);
    if (needles.some(({ spellings }) => spellings.some((one) => plain.includes(one)))) return true;
    const next = read.replace(escapes, decode);
    if (next === read) return false;
    read = next;
  }
  return false;
}

/** A text escaped inside a text that is escaped inside a text has been seen; more has not. */
const escapeDepth = 3;

const punctuation =
  "amp|lt|gt|quot|apos|excl|num|dollar|percnt|lpar|rpar|ast|plus|comma|period|sol|colon|semi|equals|quest|commat|lsqb|lbrack|bsol|rsqb|rbrack|hat|lowbar|grave|lcub|lbrace|verbar|vert|rcub|rbrace|nbsp|tab|newline";
const escapes = new RegExp(
  String.raw`%[0-9a-f]{2}|\\u[0-9a-f]{4}|\\u\{[0-9a-f]{1,6}\}|\\x[0-9a-f]{2}|&#x[0-9a-f]{1,8};?|&#\d{1,8};?|\\[nrtbfv]|&(?:${punctuation});`,
  "gi",
);

/** What an escape stands for; a line end or a sign, of which nothing is read, becomes a space. */
function decode(found: string): string {
  const unit = codeOf(found);
  return unit < 0x80 ? String.fromCharCode(unit) : " ";
}

/** No number where it names none. A million of these are read in one text: no groups, no copies. */
function codeOf(found: string): number {
  switch (found[0]) {
    case "%":
      return Number.parseInt(found.slice(1), 16);
    case "\\":
      return Number.parseInt(found.slice(found[2] === "{" ? 3 : 2), 16);
    default:
      return /^&#x/i.test(found)
        ? Number.parseInt(found.slice(3), 16)
        : Number.parseInt(found.slice(2), 10);
  }
}

/** A text with the place in the source of each of its characters. */
interface Reading {
  readonly text: string;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

function plainSpans(text: string, needles: readonly Needle[]): readonly Span[] {
  const spans: Span[] = [];
  let reading = readingOf(text);
  for (let depth = 0; depth <= escapeDepth; depth += 1) {
    for (const span of spansOf(reading, needles)) spans.push(span);
    const next = unescaped(reading);
    if (next.text === reading.text) break;
    reading = next;
  }
  return spans;
}

function readingOf(text: string): Reading {
  const starts = new Uint32Array(text.length);
  const ends = new Uint32Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    starts[at] = at;
    ends[at] = at + 1;
  }
  return { text, starts, ends };
}

function unescaped({ text, starts, ends }: Reading): Reading {
  const from = new Uint32Array(text.length);
  const to = new Uint32Array(text.length);
  let length = 0;
  let at = 0;
  const copyUntil = (index: number): void => {
    from.set(starts.subarray(at, index), length);
    to.set(ends.subarray(at, index), length);
    length += index - at;
  };
  const plain = text.replace(escapes, (found, index: number) => {
    copyUntil(index);
    at = index + found.length;
    from[length] = starts[index] ?? 0;
    to[length] = ends[at - 1] ?? 0;
    length += 1;
    return decode(found);
  });
  copyUntil(text.length);
  return { text: plain, starts: from.subarray(0, length), ends: to.subarray(0, length) };
}

function spansOf({ text, starts, ends }: Reading, needles: readonly Needle[]): readonly Span[] {
  const plain = compact(text);
  const kept = placesOfKept(text, plain.length);
  const spans: Span[] = [];
  for (const { token, spelling } of needles.flatMap(eachSpelling)) {
    for (let at = plain.indexOf(spelling); at >= 0; at = plain.indexOf(spelling, at + 1)) {
      const first = kept[at] ?? 0;
      const last = kept[at + spelling.length - 1] ?? 0;
      spans.push({ start: starts[first] ?? 0, end: ends[last] ?? 0, token });
    }
  }
  return spans;
}

function eachSpelling({ token, spellings }: Needle): { token: string; spelling: string }[] {
  return spellings.map((spelling) => ({ token, spelling }));
}

/** Where in a text each of the characters stands that `compact` keeps. */
function placesOfKept(text: string, count: number): Uint32Array {
  const kept = new Uint32Array(count);
  let length = 0;
  for (let at = 0; length < count; at += 1) {
    if (isKept(text.charCodeAt(at))) {
      kept[length] = at;
      length += 1;
    }
  }
  return kept;
}

/** A digit or a letter, of either case. */
function isKept(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || ((unit | 32) >= 97 && (unit | 32) <= 122);
}

/** Of texts in base64 that begin as gzip does, and that hold a needle when they are unpacked. */
function packedSpans(text: string, needles: readonly Needle[]): readonly Span[] {
  const spans: Span[] = [];
  let left = limits.unpackedBytes;
  const found = text.matchAll(/H4sI[A-Za-z0-9+/_\s-]{12,}/g);
  for (const { 0: packed, index } of found.take(limits.packedTexts)) {
    const plain = unpack(packed, left);
    left -= plain.length;
    // Reading it is what takes long: once for all needles, and then to say which it was.
    const needle = stands(plain, needles) && needles.find((one) => stands(plain, [one]));
    if (needle) spans.push({ start: index, end: index + packed.length, token: needle.token });
    if (left <= 0) break;
  }
  return spans;
}

/** As much of it as unpacks; nothing where that is more than `maxOutputLength` bytes. */
function unpack(packed: string, maxOutputLength: number): string {
  try {
    const options = { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH };
    return gunzipSync(Buffer.from(packed, "base64"), options).toString("latin1");
  } catch {
    return "";
  }
}
