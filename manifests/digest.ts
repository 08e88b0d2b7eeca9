import { hash } from "node:crypto";
import { canonicalJson } from "./canonical.ts";
import type { JsonValue } from "./json.ts";

/** A SHA-256 in lower-case hexadecimal, 64 characters. */
export type Digest = string;

/** What a digest is of. Two domains never share a preimage, so no hash can stand in for another. */
export type DigestDomain =
  | "approval"
  | "arguments"
  | "asked"
  | "bundle"
  | "credential"
  | "decision"
  | "grant"
  | "output"
  | "output-approval"
  | "payload"
  | "policies"
  | "policy-input"
  | "record"
  | "request"
  | "session"
  | "tier-proof"
  | "tool-pin";

/** SHA-256 over the canonical form of `value`, under `domain`. */
export function digestJson(domain: DigestDomain, value: JsonValue): Digest {
  return digestParts(domain, [canonicalJson(value)]);
}

/**
 * SHA-256 over length-prefixed parts, under `domain`. The prefixes (decimal byte count and `:`)
 * make the preimage unambiguous: `["a","bc"]` and `["ab","c"]` differ.
 */
export function digestParts(domain: DigestDomain, parts: readonly string[]): Digest {
  let preimage = `ringward/v1/${domain}\n`;
  for (const part of parts) {
    // Halves of surrogate pairs all become the same bytes.
    if (!part.isWellFormed()) throw new TypeError("a text with a lone surrogate has no digest");
    preimage += `${Buffer.byteLength(part)}:${part}`;
  }
  return hash("sha256", preimage);
}
