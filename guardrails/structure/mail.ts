import { structureLimits } from "../../manifests/structure-limits.ts";
import { holdsWords, type Place } from "./place.ts";

/** Whether a text begins as a mail does. */
export function isMail(text: string): boolean {
  return firstHeader.test(text);
}

const firstHeader =
  /^\s{0,16}(?:return-path|received|from|to|cc|subject|date|message-id|mime-version|delivered-to|reply-to|x-[a-z-]{1,40}):[ \t][^\n]{1,2000}\n[a-z-]{2,40}:[ \t]/i;

/** The header of a mail; that of its parts is read with it where one follows a boundary. */
export function* mailPlaces(text: string): Generator<Place> {
  yield* headerPlaces(text, 0);
  for (const { index, 0: boundary } of text.matchAll(/^--[^\s-][^\r\n]{0,200}\r?\n/gm)) {
    yield* headerPlaces(text, index + boundary.length);
  }
}

function* headerPlaces(text: string, from: number): Generator<Place> {
  let at = from;
  for (let line = 0; line < structureLimits.headerLines; line += 1) {
    const newLine = text.indexOf("\n", at);
    const end = newLine === -1 ? text.length : newLine;
    const name = /^(?:[!-9;-~]{1,80}:|[ \t]+)/.exec(text.slice(at, Math.min(end, at + 100)))?.[0];
    if (name === undefined) return;
    const place = { kind: "metadata", start: at + name.length, end } as const;
    if (holdsWords(text, place)) yield place;
    if (newLine === -1) return;
    at = end + 1;
  }
}

/**
 * A word of a header that is encoded (RFC 2047), with the gap to the next one, which belongs to neither.
 */
export const encodedWord: RegExp =
  /=\?[\w-]{1,40}(?:\*[\w-]{1,20})?\?[bq]\?[^?\s]{1,400}\?=(?:\s{1,8}(?==\?))?/gi;

/** What it says. */
export function decodeWord(written: string): string {
  const [, charset = "", way = "", said = ""] = written.split("?");
  const isBase64 = way.toLowerCase() === "b";
  const bytes = Buffer.from(isBase64 ? said : unquoted(said), isBase64 ? "base64" : "latin1");
  return textOf(bytes, charset.split("*")[0] ?? "");
}

function unquoted(said: string): string {
  return said
    .replaceAll("_", " ")
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function textOf(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    // A charset that nobody knows: most of them agree on ASCII.
    return bytes.toString("latin1");
  }
}
