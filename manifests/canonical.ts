import type { JsonObject, JsonValue } from "./json.ts";

/**
 * The canonical form of a JSON value after RFC 8785: keys in order of their UTF-16 units, numbers
 * and strings as ECMAScript writes them, no space. Two values are equal exactly when their
 * canonical forms are.
 *
 * @throws {TypeError} for what JSON cannot carry (NaN, Infinity, undefined, lone surrogates).
 */
export function canonicalJson(value: JsonValue): string {
  switch (typeof value) {
    case "string":
      return canonicalString(value);
    case "number":
      return canonicalNumber(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value);
    default:
      throw new TypeError(`JSON cannot carry a ${typeof value}`);
  }
}

// Loops and plain strings: every call is hashed several times over its canonical form.
function canonicalArray(items: readonly JsonValue[]): string {
  let text = "[";
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) text += ",";
    text += canonicalJson(items[index] as JsonValue);
  }
  return `${text}]`;
}

function canonicalObject(object: JsonObject): string {
  const keys = Object.keys(object).sort();
  let text = "{";
  for (const key of keys) {
    if (text.length > 1) text += ",";
    text += `${canonicalString(key)}:${canonicalJson(object[key] as JsonValue)}`;
  }
  return `${text}}`;
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`JSON cannot carry ${value}`);
  return JSON.stringify(value);
}

/** ASCII that JSON writes as it is: most keys and values. */
const plain = /^[ !#-[\]-~]*$/;

function canonicalString(value: string): string {
  if (plain.test(value)) return `"${value}"`;
  if (!value.isWellFormed()) throw new TypeError("JSON cannot carry a lone surrogate");
  return JSON.stringify(value);
}
