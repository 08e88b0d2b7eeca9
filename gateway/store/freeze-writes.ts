import type { Database } from "better-sqlite3";
import type { Ledger } from "./ledger.ts";
import type { Operations } from "./operations.ts";

export function prepareFreezeWrites(
  db: Database,
  ledger: Ledger,
): Pick<Operations, "freeze" | "thaw"> {
  const insert = db.prepare(
    `INSERT INTO freezes (kind, id, reason, at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET reason = excluded.reason, at = excluded.at`,
  );
  const remove = db.prepare("DELETE FROM freezes WHERE kind = ? AND id = ?");
  return {
    freeze({ what, reason, by }, at) {
      insert.run(what.kind, what.id, reason, at);
      ledger.append({ at, kind: "freeze", by, content: { ...what }, details: { reason } });
    },
    thaw({ what, by }, at) {
      if (remove.run(what.kind, what.id).changes === 0) return false;
      ledger.append({ at, kind: "thaw", by, content: { ...what } });
      return true;
    },
  };
}
