import { constants, gunzipSync } from "node:zlib";
import { limits } from "../../manifests/limits.ts";
import { compact, spellingsOf } from "./reflection-needles.ts";

/** What is looked for in texts. */
export interface Needle {
  /** Stands where the text stood. */
  readonly token: string;
  readonly spellings: readonly string[];
}

export function needleOf(text: string, token: string): Needle {
  // A secret that looks escaped itself is unescaped along with the text around it.
  const plain = text.replace(escapes, decode);
  return { token, spellings: [...spellingsOf(text), ...(plain === text ? [] : [compact(plain)])] };
}

/**
 * True where a needle stands in the text: plain, reversed, split by separators, in any case, in
 * base64, hexadecimal, percent-encoding, JSON or HTML escapes up to three deep, or gzipped in
 * base64.
 */
export function holds(text: string, needles: readonly Needle[]): boolean {
  return needles.length > 0 && (stands(text, needles) || packedSpans(text, needles).length > 0);
}

/** The text with each of those places replaced by its token. */
export function redact(text: string, needles: readonly Needle[]): string {
  if (!holds(text, needles)) return text;
  const spans = [...packedSpans(text, needles), ...plainSpans(text, needles)];
  let redacted = "";
  let at = 0;
  for (const { start, end, token } of spans.toSorted((a, b) => a.start - b.start)) {
    if (end <= at) continue;
    if (start >= at) redacted += text.slice(at, start) + token;
    at = end;
  }
  return redacted + text.slice(at);
}

interface Span {
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
  String.raw`%([0-9a-f]{2})|\\u([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}|\\x([0-9a-f]{2})|&#x([0-9a-f]{1,8});?|&#(\d{1,8});?|\\[nrtbfv]|&(?:${punctuation});`,
  "gi",
);

/** What an escape stands for; a line end or a sign, of which nothing is read, becomes a space. */
function decode(_: string, ...groups: readonly unknown[]): string {
  const codes = groups.slice(0, 6) as readonly (string | undefined)[];
  const at = codes.findIndex((code) => code !== undefined);
  if (at < 0) return " ";
  const unit = Number.parseInt(codes[at] ?? "", at === 5 ? 10 : 16);
  return unit < 0x80 ? String.fromCharCode(unit) : " ";
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
    for (const needle of needles) spans.push(...spansOf(reading, needle));
    const next = unescaped(reading);
    if (next.text === reading.text) break;
    reading = next;
  }
  return spans;
}

function readingOf(text: string): Reading {
  const starts = Uint32Array.from({ length: text.length }, (_, index) => index);
  return { text, starts, ends: starts.map((index) => index + 1) };
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
  const plain = text.replace(escapes, (found, ...groups) => {
    const index = groups[6] as number;
    copyUntil(index);
    at = index + found.length;
    from[length] = starts[index] ?? 0;
    to[length] = ends[at - 1] ?? 0;
    length += 1;
    return decode(found, ...groups);
  });
  copyUntil(text.length);
  return { text: plain, starts: from.subarray(0, length), ends: to.subarray(0, length) };
}

function spansOf({ text, starts, ends }: Reading, { token, spellings }: Needle): readonly Span[] {
  const kept: number[] = [];
  for (const { index } of text.matchAll(/[A-Za-z0-9]/g)) kept.push(index);
  const plain = compact(text);
  const spans: Span[] = [];
  for (const spelling of spellings) {
    for (let at = plain.indexOf(spelling); at >= 0; at = plain.indexOf(spelling, at + 1)) {
      const first = kept[at] ?? 0;
      const last = kept[at + spelling.length - 1] ?? 0;
      spans.push({ start: starts[first] ?? 0, end: ends[last] ?? 0, token });
    }
  }
  return spans;
}

/** Of texts in base64 that begin as gzip does, and that hold a needle when they are unpacked. */
function packedSpans(text: string, needles: readonly Needle[]): readonly Span[] {
  const spans: Span[] = [];
  const found = text.matchAll(/H4sI[A-Za-z0-9+/_\s-]{12,}/g);
  for (const { 0: packed, index } of found.take(limits.packedTexts)) {
    const plain = unpack(packed);
    const needle = needles.find((one) => stands(plain, [one]));
    if (needle) spans.push({ start: index, end: index + packed.length, token: needle.token });
  }
  return spans;
}

/** As much of it as unpacks. */
function unpack(packed: string): string {
  try {
    const options = { maxOutputLength: limits.fetchBytes, finishFlush: constants.Z_SYNC_FLUSH };
    return gunzipSync(Buffer.from(packed, "base64"), options).toString("latin1");
  } catch {
    return "";
  }
}
