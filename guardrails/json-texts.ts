import { isJsonObject, type JsonValue, pointerToken } from "../manifests/json.ts";

/** The path of the key of an object's member, as a finding in the key names it: `/a/~k0`. */
export function keyPath(parent: string, index: number): string {
  return `${parent}/~k${index}`;
}

/**
 * The path of an object's member: by its key, `/a/to`, or where the key holds a finding by its
 * index, `/a/~i0`, so that a path never repeats what was found. No JSON pointer has `~k` or `~i`.
 */
export function memberPath(parent: string, member: string | number): string {
  return `${parent}/${typeof member === "number" ? `~i${member}` : pointerToken(member)}`;
}

/** Characters of all strings and keys of a document. */
export function textChars(value: JsonValue): number {
  if (typeof value === "string") return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textChars(item), 0);
  if (!isJsonObject(value)) return 0;
  const keys = Object.keys(value);
  return keys.reduce((sum, key) => sum + key.length + textChars(value[key] as JsonValue), 0);
}

/** The name of the field that a path leads to; of an item of a list, the list's; of a key, none. */
export function fieldNameOf(path: string): string {
  const token = path.split("/").findLast((one) => !/^\d+$/.test(one)) ?? "";
  return /^~[ki]\d+$/.test(token) ? "" : token.replaceAll("~1", "/").replaceAll("~0", "~");
}
