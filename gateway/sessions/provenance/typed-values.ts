import type { Field } from "../../../manifests/field-labels.ts";
import { limits } from "../../../manifests/limits.ts";
import { provenanceLimits } from "../../../manifests/provenance-limits.ts";
import { datesIn } from "./dates.ts";

/** A value that can be recognised again: its type and its normal form. */
export interface TypedValue {
  readonly type:
    | "url"
    | "host"
    | "email"
    | "path"
    | "number"
    | "date"
    | "account"
    | "field"
    | "word";
  readonly value: string;
}

/** Every typed value that a text holds, at most `valuesPerText`. */
export function typedValuesIn(text: string): readonly TypedValue[] {
  const most = provenanceLimits.valuesPerText;
  const shown = text.normalize("NFKC");
  const values: TypedValue[] = [...groupedValues(shown)];
  for (const [token] of shown.matchAll(tokens)) {
    if (values.length >= most) break;
    values.push(...typedToken(trimmed(token)));
  }
  return values.slice(0, most);
}

/** Values with spaces of their own. */
function* groupedValues(text: string): Generator<TypedValue> {
  for (const value of datesIn(text)) yield { type: "date", value };
  for (const [number] of text.matchAll(numbersInGroups)) {
    yield { type: "number", value: normalNumber(number) };
  }
  for (const form of accounts) {
    for (const [account] of text.matchAll(form)) {
      const value = normalAccount(account);
      if (value !== undefined) yield { type: "account", value };
    }
  }
}

const numbersInGroups = /(?<![\d.,'])\d{1,3}(?:[,.']\d{3})+(?:[.,]\d{1,6})?(?![\d,'])/g;

/** Account numbers, and other numbers in one or in groups: cards, telephones, ids. Linear. */
const accounts: readonly RegExp[] = [
  /(?<![\p{L}\p{N}])\p{L}{2}\d{2}(?:[ -]?[\p{L}\p{N}]{4}){2,8}(?:[ -]?[\p{L}\p{N}]{1,3})?(?![\p{L}\p{N}])/gu,
  /(?<![\p{L}\p{N}])\+?[\p{L}\p{N}]{1,34}(?:[ .-]\d{1,8}){0,12}(?![\p{L}\p{N}])/gu,
];

/** Without the groups that people write; undefined where it is too short, or a word. */
export function normalAccount(text: string): string | undefined {
  const value = text
    .normalize("NFKC")
    .replace(/[\s.+-]/g, "")
    .toLowerCase();
  const digits = value.replace(/\P{N}/gu, "").length;
  return digits >= accountDigits && /^[\p{L}\p{N}]+$/u.test(value) ? value : undefined;
}

const accountDigits = 6;

/** The value of a field by its name: `event_id` and `id_` name the same thing. */
export function fieldValue({ name, value }: Pick<Field, "name" | "value">): TypedValue {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return { type: "field", value: `${words.at(-1) ?? ""}=${value}` };
}

/** Compatibility forms, letter case and runs of space carry no meaning of their own. */
export function normalText(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}

/** The words of a text as one would say them: without the marks that sentences and markup add. */
export function wordsOf(text: string): readonly string[] {
  const words = normalText(text).split(betweenWords);
  return words.map((word) => stripped(word, "'", ".:!?'")).filter((word) => word !== "");
}

const betweenWords = /[\s"`<>()[\]{},;|*]+/u;

/** Without the marks at its two ends. By hand: an expression tries each run of marks n times over. */
function stripped(text: string, before: string, after: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && before.includes(text.charAt(start))) start += 1;
  while (end > start && after.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** The canonical form of an http(s) URL and its host; undefined where the text is none. */
export function parseUrl(
  text: string,
): { readonly href: string; readonly host: string } | undefined {
  const url = URL.parse(text.trim());
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  url.hash = "";
  return { href: url.href, host: normalHost(url.hostname) };
}

function normalHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

// One linear pass: whatever stands between spaces, quotes, brackets and commas.
const tokens = /[^\s"'`<>()[\]{},;|*]+/gu;

/** Sentences end in marks that no value ends in. */
function trimmed(token: string): string {
  return stripped(token, ":=", ".:!?=");
}

function typedToken(token: string): readonly TypedValue[] {
  if (token.length === 0 || token.length > limits.urlChars) return [];
  const url = token.includes("://") ? parseUrl(token) : undefined;
  if (url !== undefined) {
    return [
      { type: "url", value: url.href },
      { type: "host", value: url.host },
    ];
  }
  return [...emailValues(token), ...plainValues(token)];
}

function emailValues(token: string): readonly TypedValue[] {
  const at = token.lastIndexOf("@");
  if (at < 1 || at === token.length - 1) return [];
  // Whoever is written to has not named a server: the host of an address is no value of its own.
  return [{ type: "email", value: token.toLowerCase() }];
}

const numeric = /^[+-]?\p{Sc}?\d[\d,']*(?:\.\d+)?\p{Sc}?$/u;
/** As most of Europe writes it. */
const numericWithComma = /^[+-]?\p{Sc}?\d{1,3}(?:\.\d{3})+(?:,\d+)?\p{Sc}?$/u;
const hostLike = /^(?:[\p{L}\p{N}-]+\.)+[\p{L}][\p{L}\p{N}-]*(?::\d+)?$/u;

/** Endings of file names that are top-level domains too: `README.md` is no server in Moldova. */
const fileEnding = /\.(?:cc|md|mk|ml|mm|mov|pl|pm|ps|pub|py|rs|sh|so|tf|zip)$/i;

function plainValues(token: string): readonly TypedValue[] {
  const values: TypedValue[] = [{ type: "word", value: token.toLowerCase() }];
  if (isNumeric(token)) values.push({ type: "number", value: normalNumber(token) });
  const isHost = hostLike.test(token) && !fileEnding.test(token);
  if (isHost) values.push({ type: "host", value: hostOf(token) });
  if (token.includes("/") || hostLike.test(token)) {
    values.push({ type: "path", value: normalPath(token) });
  }
  return values;
}

/** By the URL parser, so that letters beyond ASCII end up in the form that is dialled. */
function hostOf(token: string): string {
  return parseUrl(`http://${token}`)?.host ?? normalHost(token);
}

function isNumeric(token: string): boolean {
  return numeric.test(token) || numericWithComma.test(token);
}

export function normalNumber(text: string): string {
  const plain = text.trim().replace(/\p{Sc}/gu, "");
  const isWithComma = numericWithComma.test(plain);
  const ascii = isWithComma ? plain.replaceAll(".", "").replace(",", ".") : plain;
  return String(Number(ascii.replace(/[,']/g, "")));
}

/** Relative, without `.` segments and doubled slashes; case stays, file systems mind it. */
export function normalPath(path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  return segments.join("/") || ".";
}
