import type { Database } from "better-sqlite3";
import { openUnsealer } from "./sealing.ts";

/** The text of a payload by its id; undefined where it has expired or is erased. */
export type PayloadReader = (id: number | null) => string | undefined;

interface PayloadRow {
  readonly commitment: string;
  readonly sealed: Buffer;
}

export function preparePayloadReader(
  db: Database,
  options: { readonly key: Buffer; readonly now: () => number },
): PayloadReader {
  const find = db.prepare(
    "SELECT commitment, sealed FROM payloads WHERE id = ? AND expires_at > ?",
  );
  const unseal = openUnsealer(options.key);
  return (id) => {
    const row = find.get(id, options.now()) as PayloadRow | undefined;
    if (row === undefined) return undefined;
    return unseal({ commitment: row.commitment, bytes: row.sealed });
  };
}
