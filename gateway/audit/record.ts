import { type Digest, digestParts } from "../../manifests/digest.ts";
import type { JsonObject } from "../../manifests/json.ts";

/**
 * `event.*` is what `RecordStore.append` writes. Every admitted call has one `intent`, and every
 * call that ended one `end`.
 */
export const recordKinds = [
  "writer.start",
  "writer.stop",
  "checkpoint",
  "key.add",
  "key.revoke",
  "session.open",
  "session.turn",
  "intent",
  "end",
  "approval.answer",
  "output.answer",
  "file.write",
  "freeze",
  "thaw",
  "payloads.erase",
] as const;

/** An event is named by whoever writes it down. */
export type RecordKind = (typeof recordKinds)[number] | `event.${string}`;

/** One link of a chain. Its canonical text is what is stored and hashed. */
export interface AuditRecord {
  readonly chain: string;
  readonly writer: string;
  /** Rises by one with each start of the writer. */
  readonly segment: number;
  /** From 1, without gaps, through all segments. */
  readonly sequence: number;
  /** The hash of the record before; `noHash` in the first. */
  readonly previous: Digest;
  readonly at: number;
  readonly kind: RecordKind;
  readonly by?: string;
  readonly call?: string;
  readonly session?: string;
  readonly code?: string;
  /** What stands beside the record, encrypted, by name: a salted commitment to its text. */
  readonly payloads?: Readonly<Record<string, Digest>>;
  /** What the kind says beyond the above. Never text of arguments or outputs. */
  readonly content: JsonObject;
  /** What a caller adds. Where it would make the record too large, it is a payload instead. */
  readonly details?: JsonObject;
}

/** What comes before the first record of a chain. */
export const noHash: Digest = "0".repeat(64);

/** The hash of a record over its canonical text, bound to the one before. */
export function hashRecord(previous: Digest, text: string): Digest {
  return digestParts("record", [previous, text]);
}

/** What a record says instead of a text. Without the salt nobody can guess the text by trying. */
export function commitment(salt: string, text: string): Digest {
  return digestParts("payload", [salt, text]);
}
