import type { Database } from "better-sqlite3";
import type { Ledger } from "./ledger.ts";
import type { Operations } from "./operations.ts";

/** Payloads erased by one operation: few enough that no call waits long for it. */
const erasedAtOnce = 500;

export function prepareTend(db: Database, ledger: Ledger): Operations["tend"] {
  const erase = db.prepare(
    "DELETE FROM payloads WHERE id IN (SELECT id FROM payloads WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
  );
  return (_, at) => {
    const { changes } = erase.run(at, erasedAtOnce);
    if (changes > 0) ledger.append({ at, kind: "payloads.erase", content: { count: changes } });
    return changes === erasedAtOnce;
  };
}
