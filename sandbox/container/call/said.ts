import { isJsonObject, type JsonObject, type JsonValue } from "../../../manifests/json.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { parseStrictJson } from "../../../manifests/strict-json.ts";
import type { Said } from "./talk.ts";

/** Reads a program's answer to `nonce`; undefined where it is none. */
export function parseSaid(document: Uint8Array, nonce: string): Said | undefined {
  try {
    const said = parseStrictJson(document);
    if (!isJsonObject(said) || said["nonce"] !== nonce || !isSaid(said)) return undefined;
    return said as unknown as Said;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

const words: readonly string[] = ["nonce", "output", "error", "code", "files"];

function isSaid(said: JsonObject): boolean {
  return (
    Object.keys(said).every((key) => words.includes(key)) &&
    "output" in said !== "error" in said &&
    ("error" in said || !("code" in said)) &&
    isText(said["error"]) &&
    isText(said["code"]) &&
    isTexts(said["files"])
  );
}

function isText(value: JsonValue | undefined): boolean {
  return value === undefined || typeof value === "string";
}

function isTexts(value: JsonValue | undefined): boolean {
  return value === undefined || (isJsonObject(value) && Object.values(value).every(isText));
}
