import { kindOfName, type NamedKind } from "./secret-names.ts";
import type { Range } from "./views/view.ts";

/** What stands where a name says that it is secret. */
export interface NamedSecret extends Range {
  readonly kind: NamedKind | "secret:authorization";
}

/**
 * Values that no shape tells from others, by the name that they are given and by how random they are:
 * `password = …`, `"api_key": "…"`, `--token …`, `Authorization: Bearer …`. `met` says what the text
 * has of `namedNeeds`.
 */
export function namedSecretsIn(text: string, met: ReadonlySet<string>): readonly NamedSecret[] {
  return [
    ...(met.has(namedNeeds.header) ? headersIn(text) : []),
    ...(met.has(namedNeeds.assigned) ? assignmentsIn(text) : []),
    ...(met.has(namedNeeds.flagged) ? flagsIn(text) : []),
  ];
}

/** The whole text, where the field that it stands in has such a name. */
export function secretOfField(text: string, field: string): readonly NamedSecret[] {
  const kind = kindOfName(field);
  if (kind === undefined || !isValue.test(text) || !isSecret(text, kind, true)) return [];
  return [{ kind, start: 0, end: text.length }];
}

const names = "(?:pass|pwd|secret|token|key|credential)";

/** What each of them needs, in any case; `met` above holds those that a text has. */
export const namedNeeds: Readonly<Record<"header" | "assigned" | "flagged", string>> = {
  header: "(?:bearer|basic)[ \\t]",
  assigned: `${names}[\\w.-]{0,64}["'\x60]?[ \\t]{0,4}[:=]`,
  flagged: `--[a-z-]{0,40}${names}`,
};

const isValue = /^[^\s"'`]{6,512}$/;

/** A name begins where it cannot go on to the left, so no two matches begin within one. */
const name = String.raw`(?<![\w.-])(?<name>[\w.-]{3,64})["'\x60]?`;
const value = String.raw`(?<quote>["'\x60]?)(?<value>[^\s"'\x60,;(){}<>[\]]{6,512})(?<next>["'\x60([{<]?)`;
const assigned = new RegExp(`${name}[ \\t]{0,4}(?:=>|:=|[:=])[ \\t]{0,4}${value}`, "y");
const mayAssign = new RegExp(namedNeeds.assigned, "gi");

function* assignmentsIn(text: string): Generator<NamedSecret> {
  let from = 0;
  for (const { index } of text.matchAll(mayAssign)) {
    const start = startOfName(text, index);
    assigned.lastIndex = start;
    const match = start < from ? null : assigned.exec(text);
    if (match === null) continue;
    from = start + match[0].length;
    const secret = secretIn(match);
    if (secret) yield secret;
  }
}

function startOfName(text: string, at: number): number {
  let start = at;
  while (at - start < nameChars && /[\w.-]/.test(text.charAt(start - 1))) start -= 1;
  return start;
}

const nameChars = 64;

const flagged = new RegExp(String.raw`(?<![\w.-])--(?<name>[a-z-]{3,40})[ ]${value}`, "g");

function* flagsIn(text: string): Generator<NamedSecret> {
  for (const match of text.matchAll(flagged)) {
    const secret = secretIn(match);
    if (secret) yield secret;
  }
}

function secretIn({ 0: whole, index, groups = {} }: RegExpExecArray): NamedSecret | undefined {
  const { name = "", quote = "", value = "", next = "" } = groups;
  // What goes on as a call or an index is code.
  if (next !== "" && next !== quote) return undefined;
  const kind = kindOfName(name);
  const isQuoted = quote !== "" && next === quote;
  if (kind === undefined || !isSecret(value, kind, isQuoted)) return undefined;
  const end = index + whole.length - next.length;
  return { kind, start: end - value.length, end };
}

const header = /\b(?<scheme>bearer|basic)[ \t]{1,4}(?<value>[\w.~+/-]{12,2048}={0,2})/gi;

function* headersIn(text: string): Generator<NamedSecret> {
  for (const { 0: whole, index, groups } of text.matchAll(header)) {
    const { scheme = "", value = "" } = groups ?? {};
    const isReal = /^basic$/i.test(scheme) ? isPair(value) : isSecret(value, "secret:token", true);
    if (!isReal) continue;
    const end = index + whole.length;
    yield { kind: "secret:authorization", start: end - value.length, end };
  }
}

/** A name and a password in base64. */
function isPair(value: string): boolean {
  return /^[\x20-\x7e]{1,256}:[\x20-\x7e]{3,256}$/.test(
    Buffer.from(value, "base64").toString("latin1"),
  );
}

function isSecret(value: string, kind: NamedKind, isQuoted: boolean): boolean {
  if (isPlaceholder.test(value) || isPlace.test(value)) return false;
  if (!isQuoted && isCode(value)) return false;
  return kind === "secret:password" ? isPassword(value, isQuoted) : isRandom(value);
}

const isPlaceholder =
  /^[$%{*@&]|\$\{|x{4,}|\*{3,}|\.{3}|…|(.)\1{5,}|example|change.?me|placeholder|your[-_]|dummy|sample|redacted|insert|secret|password|token|12345678|abcdef/i;
const isPlace = /^(?:\/|\.{1,2}\/|~\/)|:\/\//;

/** `config.db.password2`: names joined by dots. */
function isCode(value: string): boolean {
  return (
    /^[A-Za-z_$][\w$]*(?:(?:\.|::|->|\?\.)[A-Za-z_$][\w$]*)+\)?$/.test(value) && digitsOf(value) < 4
  );
}

function isPassword(value: string, isQuoted: boolean): boolean {
  const hasLetter = /\p{L}/u.test(value);
  const hasOther = isQuoted ? /[\d!@#$%^&*?+~]/.test(value) : /\d/.test(value);
  return hasLetter && hasOther;
}

/** Long, of letters and digits, and no word: what was made at random, with little doubt. */
function isRandom(value: string): boolean {
  if (value.length < 16 || digitsOf(value) < 2 || !/[A-Za-z]/.test(value)) return false;
  return entropyOf(value) >= (/^[0-9a-fA-F-]+$/.test(value) ? 2.8 : 3.4);
}

function digitsOf(value: string): number {
  return value.replace(/\D/g, "").length;
}

/** Bits of each character, by how often each occurs (Shannon). */
function entropyOf(value: string): number {
  const counts = [...Map.groupBy(value, (character) => character).values()].map(
    (all) => all.length,
  );
  return counts.reduce(
    (sum, count) => sum - (count / value.length) * Math.log2(count / value.length),
    0,
  );
}
