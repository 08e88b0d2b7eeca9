import type { Database } from "better-sqlite3";
import type { Digest } from "../../manifests/digest.ts";
import type { Key, KeyKind } from "./store.ts";

interface KeyRow {
  readonly id: string;
  readonly kind: KeyKind;
  readonly hash: Digest;
  readonly principal: string;
  readonly session: string | null;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

export interface KeyReads {
  find(hash: Digest): Key | undefined;
  list(): readonly Key[];
}

export function prepareKeyReads(db: Database): KeyReads {
  const find = db.prepare("SELECT * FROM keys WHERE hash = ?");
  const list = db.prepare("SELECT * FROM keys WHERE session IS NULL ORDER BY created_at, id");
  return {
    find(hash) {
      const row = find.get(hash) as KeyRow | undefined;
      return row && keyOf(row);
    },
    list: () => (list.all() as KeyRow[]).map(keyOf),
  };
}

function keyOf(row: KeyRow): Key {
  const { id, kind, hash, principal } = row;
  return {
    ...{ id, kind, hash, principal, createdAt: row.created_at },
    ...(row.session !== null && { session: row.session }),
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
  };
}
