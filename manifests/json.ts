/** A value that JSON can carry. Objects are null-prototyped when they come from `parseStrictJson`. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

export interface JsonObject {
  [key: string]: JsonValue;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Calls `visit` for every leaf with its JSON pointer (`/to/0`), depth first, in document order. */
export function visitLeaves(
  value: JsonValue,
  visit: (leaf: null | boolean | number | string, path: string) => void,
  path = "",
): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) visitLeaves(item, visit, `${path}/${index}`);
  } else if (isJsonObject(value)) {
    for (const key of Object.keys(value)) {
      visitLeaves(value[key] as JsonValue, visit, `${path}/${pointerToken(key)}`);
    }
  } else {
    visit(value, path);
  }
}

/** A key as one token of a JSON pointer (RFC 6901). */
export function pointerToken(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** What a JSON pointer leads to; undefined where it leads nowhere. */
export function valueAt(value: JsonValue, pointer: string): JsonValue | undefined {
  const tokens = pointer.split("/").slice(1);
  const keys = tokens.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  return keys.reduce<JsonValue | undefined>(memberOf, value);
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (Array.isArray(value)) return /^(?:0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
