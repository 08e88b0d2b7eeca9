import type { Database } from "better-sqlite3";
import type { Ledger } from "./ledger.ts";
import type { Operations } from "./operations.ts";
import type { Actor, Key } from "./store.ts";

export function prepareKeyWrites(
  db: Database,
  ledger: Ledger,
): Pick<Operations, "addKey" | "revokeKey"> {
  const addKey = prepareAddKey(db, ledger);
  const revoke = db.prepare("UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL");
  const exists = db.prepare("SELECT 1 FROM keys WHERE id = ?");
  return {
    addKey,
    revokeKey({ id, by }, at) {
      if (exists.get(id) === undefined) return false;
      if (revoke.run(at, id).changes > 0) {
        ledger.append({ at, kind: "key.revoke", by, content: { key: id } });
      }
      return true;
    },
  };
}

/** Also for the token that a session is opened with. */
export function prepareAddKey(
  db: Database,
  ledger: Ledger,
): (input: { readonly key: Key; readonly by: Actor }, at: number) => void {
  const insert = db.prepare(
    "INSERT INTO keys (id, kind, hash, principal, session, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  return ({ key, by }, at) => {
    const { id, kind, hash, principal, session, createdAt, expiresAt, revokedAt } = key;
    const times = [createdAt, expiresAt ?? null, revokedAt ?? null];
    insert.run(id, kind, hash, principal, session ?? null, ...times);
    const content = { key: id, kind, hash, principal, expiresAt: expiresAt ?? null };
    ledger.append({ at, kind: "key.add", by, session, content });
  };
}
