import { isJsonObject, type JsonObject, type JsonValue } from "../manifests/json.ts";
import { keyPath, memberPath } from "./json-texts.ts";

export interface Rewriting {
  /** What a string or key becomes; `path` is that of findings in it. */
  readonly rewrite: (text: string, path: string) => string;
  /** Whether something was found in the key at this path: no path below repeats such a key. */
  readonly isHidden: (keyPath: string) => boolean;
}

/** A document with other texts. Keys that become the same one lose no value. */
export function rewriteTexts(value: JsonValue, rewriting: Rewriting, path = ""): JsonValue {
  if (typeof value === "string") return rewriting.rewrite(value, path);
  if (Array.isArray(value)) {
    return value.map((item, index) => rewriteTexts(item, rewriting, `${path}/${index}`));
  }
  return isJsonObject(value) ? rewriteObject(value, rewriting, path) : value;
}

function rewriteObject(object: JsonObject, rewriting: Rewriting, path: string): JsonObject {
  const rewritten: JsonObject = Object.create(null);
  for (const [index, key] of Object.keys(object).entries()) {
    const inKey = keyPath(path, index);
    const below = memberPath(path, rewriting.isHidden(inKey) ? index : key);
    const member = rewriteTexts(object[key] as JsonValue, rewriting, below);
    rewritten[freeKey(rewritten, rewriting.rewrite(key, inKey))] = member;
  }
  return rewritten;
}

function freeKey(object: JsonObject, key: string): string {
  let free = key;
  for (let copy = 2; free in object; copy += 1) free = `${key}#${copy}`;
  return free;
}
