import { limits } from "../../../manifests/limits.ts";

/** A value that can be recognised again: its type and its normal form. */
export interface TypedValue {
  readonly type: "url" | "host" | "email" | "path" | "number" | "word" | "text";
  readonly value: string;
}

/** Every typed value that a text holds, at most `limits.valuesPerText`, and the text itself. */
export function typedValuesIn(text: string): readonly TypedValue[] {
  const values: TypedValue[] = [whole(text)];
  for (const [token] of text.normalize("NFKC").matchAll(tokens)) {
    if (values.length >= limits.valuesPerText) break;
    values.push(...typedToken(trimmed(token)));
  }
  return values.slice(0, limits.valuesPerText);
}

/** A whole leaf as one value, for arguments that are handed on unchanged. */
export function whole(text: string): TypedValue {
  return { type: "text", value: normalText(text) };
}

/** Compatibility forms, letter case and runs of space carry no meaning of their own. */
export function normalText(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}

/** The words of a text as one would say them: without the marks that sentences add. */
export function spokenWords(text: string): string {
  const words = normalText(text).split(" ");
  return words
    .map((word) => stripped(word, "\"'([", ".,;:!?\"'()[]"))
    .filter((word) => word !== "")
    .join(" ");
}

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

const numeric = /^[+-]?\d[\d,']*(?:\.\d+)?$/;
const hostLike = /^(?:[\p{L}\p{N}-]+\.)+[\p{L}][\p{L}\p{N}-]*(?::\d+)?$/u;

/** Endings of file names that are top-level domains too: `README.md` is no server in Moldova. */
const fileEnding = /\.(?:cc|md|mk|ml|mm|mov|pl|pm|ps|pub|py|rs|sh|so|tf|zip)$/i;

function plainValues(token: string): readonly TypedValue[] {
  const values: TypedValue[] = [{ type: "word", value: token.toLowerCase() }];
  if (numeric.test(token)) values.push({ type: "number", value: normalNumber(token) });
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

export function normalNumber(text: string): string {
  return String(Number(text.replace(/[,']/g, "")));
}

/** Relative, without `.` segments and doubled slashes; case stays, file systems mind it. */
export function normalPath(path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  return segments.join("/") || ".";
}
