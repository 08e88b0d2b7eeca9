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
