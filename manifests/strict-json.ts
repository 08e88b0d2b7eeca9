import type { JsonObject, JsonValue } from "./json.ts";
import { limits } from "./limits.ts";
import { Refusal } from "./refusals.ts";

/**
 * The one parser for JSON from outside. `JSON.parse` accepts what two readers can understand in two
 * ways; here it is refused: duplicate keys, numbers that do not survive a round trip, lone
 * surrogates, a byte order mark, nesting and size beyond `limits`. Objects have no prototype, so
 * `__proto__` is a key like any other.
 *
 * @throws {Refusal} `JSON_INVALID`, with the offset in UTF-16 units.
 */
export function parseStrictJson(input: string | Uint8Array): JsonValue {
  const text = typeof input === "string" ? input : decodeUtf8(input);
  const reader: Reader = { text, at: 0, depth: 0, nodes: 0 };
  skipSpace(reader);
  const value = readValue(reader);
  skipSpace(reader);
  if (reader.at < text.length) throw invalid(reader, "text after the end of the document");
  return value;
}

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
  nodes: number;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new Refusal("JSON_INVALID", "the document is not UTF-8", { cause });
  }
}

function readValue(reader: Reader): JsonValue {
  reader.nodes += 1;
  if (reader.nodes > limits.jsonNodes) throw invalid(reader, "too many values");
  switch (reader.text.charCodeAt(reader.at)) {
    case 0x7b:
      return readObject(reader);
    case 0x5b:
      return readArray(reader);
    case 0x22:
      return readString(reader);
    case 0x74:
      return readWord(reader, "true", true);
    case 0x66:
      return readWord(reader, "false", false);
    case 0x6e:
      return readWord(reader, "null", null);
    default:
      return readNumber(reader);
  }
}

function readObject(reader: Reader): JsonObject {
  const object: JsonObject = Object.create(null);
  enter(reader);
  while (!atEnd(reader, 0x7d)) {
    const key = readString(reader);
    if (key in object) throw invalid(reader, `duplicate key ${JSON.stringify(key.slice(0, 40))}`);
    skipSpace(reader);
    expect(reader, 0x3a, "`:`");
    skipSpace(reader);
    object[key] = readValue(reader);
    separate(reader, 0x7d);
  }
  leave(reader);
  return object;
}

function readArray(reader: Reader): JsonValue[] {
  const array: JsonValue[] = [];
  enter(reader);
  while (!atEnd(reader, 0x5d)) {
    array.push(readValue(reader));
    separate(reader, 0x5d);
  }
  leave(reader);
  return array;
}

function enter(reader: Reader): void {
  reader.at += 1;
  reader.depth += 1;
  if (reader.depth > limits.jsonDepth) throw invalid(reader, "nested too deeply");
  skipSpace(reader);
}

function leave(reader: Reader): void {
  reader.at += 1;
  reader.depth -= 1;
}

function atEnd(reader: Reader, close: number): boolean {
  return reader.text.charCodeAt(reader.at) === close;
}

/** Between two members: a comma with something after it, or the closing bracket. */
function separate(reader: Reader, close: number): void {
  skipSpace(reader);
  if (atEnd(reader, close)) return;
  expect(reader, 0x2c, "`,`");
  skipSpace(reader);
  if (atEnd(reader, close)) throw invalid(reader, "a comma before the end");
}

// Sticky and linear: each alternative begins with a different character.
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids just these in strings.
const plainString = /"[^"\\\u0000-\u001f]*"/y;
// A part of a string: the engine keeps something of each repetition, and has an end of that.
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids just these in strings.
const escapedPart = /(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})){1,10000}/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function readString(reader: Reader): string {
  const value = readPlain(reader) ?? readEscaped(reader);
  if (!value.isWellFormed()) throw invalid(reader, "a lone surrogate");
  return value;
}

function readPlain(reader: Reader): string | undefined {
  plainString.lastIndex = reader.at;
  if (!plainString.test(reader.text)) return undefined;
  const value = reader.text.slice(reader.at + 1, plainString.lastIndex - 1);
  reader.at = plainString.lastIndex;
  return value;
}

function readEscaped(reader: Reader): string {
  let end = reader.at + 1;
  for (escapedPart.lastIndex = end; escapedPart.test(reader.text); ) end = escapedPart.lastIndex;
  const isString = reader.text[reader.at] === '"' && reader.text[end] === '"';
  if (!isString) throw invalid(reader, "not a string");
  const source = reader.text.slice(reader.at, end + 1);
  reader.at = end + 1;
  return JSON.parse(source) as string;
}

function readNumber(reader: Reader): number {
  number.lastIndex = reader.at;
  if (!number.test(reader.text)) throw invalid(reader, "not a JSON value");
  const source = reader.text.slice(reader.at, number.lastIndex);
  const value = Number(source);
  if (!isSafeNumber(source, value)) throw invalid(reader, `the number ${source.slice(0, 40)}`);
  reader.at = number.lastIndex;
  return value;
}

/** A number that another reader could round differently is two numbers. */
function isSafeNumber(source: string, value: number): boolean {
  if (source.length > limits.jsonNumberChars || !Number.isFinite(value)) return false;
  if (Object.is(value, -0)) return false;
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return false;
  return (value !== 0 && source.length <= doubleDigits) || isExact(source, value);
}

/** A double is written in at most so many digits; more would be rounded, as would a near nothing. */
const doubleDigits = 17;

function isExact(source: string, value: number): boolean {
  const digits = source
    .replace(/[eE].*$/, "")
    .replace(/[-.]/g, "")
    .replace(/^0+|0+$/g, "");
  return digits.length <= doubleDigits && (value !== 0 || digits === "");
}

function readWord<T extends boolean | null>(reader: Reader, word: string, value: T): T {
  if (!reader.text.startsWith(word, reader.at)) throw invalid(reader, "not a JSON value");
  reader.at += word.length;
  return value;
}

function expect(reader: Reader, code: number, what: string): void {
  if (reader.text.charCodeAt(reader.at) !== code) throw invalid(reader, `${what} expected`);
  reader.at += 1;
}

function skipSpace(reader: Reader): void {
  for (;;) {
    const code = reader.text.charCodeAt(reader.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    reader.at += 1;
  }
}

function invalid(reader: Reader, what: string): Refusal {
  return new Refusal("JSON_INVALID", `not strict JSON at offset ${reader.at}: ${what}`);
}
