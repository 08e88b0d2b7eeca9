import type { Database } from "better-sqlite3";
import { limits } from "../../manifests/limits.ts";
import { openDatabaseReadonly } from "../store/database.ts";
import { openUnsealer, readPayloadKey, type Unsealer } from "../store/sealing.ts";
import type { AuditRecord } from "./record.ts";

export interface RecordFilter {
  readonly call?: string;
  readonly session?: string;
  readonly kind?: string;
  readonly code?: string;
  /** At most `limits.listRows`, which is also what is taken where it is left out. */
  readonly limit?: number;
}

/**
 * Records, newest first. Reads what is there; `verifyRecord` says whether it can be believed.
 *
 * @throws {Error} one line, where there is no store to read.
 */
export function listRecords(
  folder: string,
  filter: RecordFilter = {},
): Promise<readonly AuditRecord[]> {
  return withDatabase(folder, (db) => listRows(db, filter).map(recordOf));
}

/** A record with what stands beside it. */
export interface ShownRecord {
  readonly record: AuditRecord;
  readonly payloads: readonly ShownPayload[];
}

/** `text` is missing where the payload is erased, or cannot be read with the folder's key. */
export interface ShownPayload {
  readonly name: string;
  readonly text?: string;
  readonly state: "there" | "erased" | "unreadable";
}

/**
 * All records of one call, oldest first, with the payloads that have not expired. Their texts come
 * from strangers: escape them.
 *
 * @throws {Error} one line, where there is no store to read.
 */
export function showCall(folder: string, call: string): Promise<readonly ShownRecord[]> {
  return withDatabase(folder, (db) => {
    const show = preparePayloads(db, openUnsealer(readPayloadKey(folder)));
    return listRows(db, { call })
      .toReversed()
      .map((row) => ({ record: recordOf(row), payloads: show(row) }));
  });
}

function withDatabase<T>(folder: string, read: (db: Database) => T): Promise<T> {
  return Promise.try(() => {
    const db = openDatabaseReadonly(folder);
    try {
      return read(db);
    } finally {
      db.close();
    }
  });
}

interface Row {
  readonly id: number;
  readonly text: string;
}

const conditions = {
  call: "call = :call",
  session: `id IN (SELECT id FROM records WHERE session = :session AND call IS NULL UNION ALL
    SELECT records.id FROM calls JOIN records ON records.call = calls.id
    WHERE calls.session = :session)`,
  kind: "kind = :kind",
  code: "code = :code",
} as const;

function listRows(db: Database, filter: RecordFilter): readonly Row[] {
  const names = (["call", "session", "kind", "code"] as const).filter(
    (name) => filter[name] !== undefined,
  );
  const where = names.map((name) => conditions[name]).join(" AND ");
  const limit = Math.min(filter.limit ?? limits.listRows, limits.listRows);
  return db
    .prepare(
      `SELECT id, text FROM records ${where && `WHERE ${where}`} ORDER BY id DESC LIMIT :limit`,
    )
    .all({ ...filter, limit }) as Row[];
}

function recordOf(row: Row): AuditRecord {
  return JSON.parse(row.text) as AuditRecord;
}

interface PayloadRow {
  readonly name: string;
  readonly commitment: string;
  readonly sealed: Buffer;
}

function preparePayloads(db: Database, unseal: Unsealer): (row: Row) => readonly ShownPayload[] {
  const find = db.prepare("SELECT name, commitment, sealed FROM payloads WHERE record = ?");
  return (row) => {
    const there = new Map((find.all(row.id) as PayloadRow[]).map((found) => [found.name, found]));
    const committed = Object.entries(recordOf(row).payloads ?? {});
    return committed.map(([name, commitment]) => {
      const found = there.get(name);
      if (found === undefined) return { name, state: "erased" };
      return { name, ...open(unseal, { commitment, bytes: found.sealed }) };
    });
  };
}

function open(
  unseal: Unsealer,
  sealed: { readonly commitment: string; readonly bytes: Buffer },
): Omit<ShownPayload, "name"> {
  try {
    return { text: unseal(sealed), state: "there" };
  } catch {
    return { state: "unreadable" };
  }
}
