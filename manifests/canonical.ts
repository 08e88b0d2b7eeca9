import { isJsonObject, type JsonValue } from "./json.ts";

/**
 * The canonical form of a JSON value after RFC 8785: keys in order of their UTF-16 units, numbers
 * and strings as ECMAScript writes them, no space. Two values are equal exactly when their
 * canonical forms are.
 *
 * @throws {TypeError} for what JSON cannot carry (NaN, Infinity, undefined, lone surrogates).
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === "string") return canonicalString(value);
  if (typeof value === "number") return canonicalNumber(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isJsonObject(value)) return canonicalObject(value);
  if (value === null || typeof value === "boolean") return String(value);
  throw new TypeError(`JSON cannot carry a ${typeof value}`);
}

function canonicalObject(value: { [key: string]: JsonValue }): string {
  const members = Object.keys(value)
    .sort()
    .map((key) => `${canonicalString(key)}:${canonicalJson(value[key] as JsonValue)}`);
  return `{${members.join(",")}}`;
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`JSON cannot carry ${value}`);
  return JSON.stringify(value);
}

function canonicalString(value: string): string {
  if (!value.isWellFormed()) throw new TypeError("JSON cannot carry a lone surrogate");
  return JSON.stringify(value);
}
