import type { Database } from "better-sqlite3";
import { tokenLimits } from "../../manifests/token-limits.ts";
import { labelColumns } from "./labels.ts";
import type { Written } from "./ledger.ts";
import type { Settlement } from "./store.ts";

/** Keeps what tokens stand for, while there is room: the text stands beside the record of the end. */
export function prepareKeepTokens(
  db: Database,
): (settlement: Settlement, written: Written) => void {
  const count = db.prepare("SELECT count(*) FROM tokens WHERE session = ?").pluck();
  const keep = db.prepare(
    `INSERT INTO tokens (session, id, integrity, payload)
     VALUES (:session, :id, :integrity, :payload)
     ON CONFLICT (session, id) DO UPDATE
       SET integrity = max(integrity, excluded.integrity), payload = excluded.payload`,
  );
  return ({ session, tokens = [], result }, written) => {
    if (session === undefined || result === undefined || tokens.length === 0) return;
    const room = tokenLimits.perSession - Number(count.get(session));
    const { integrity } = labelColumns(result.label);
    for (const { id } of tokens.slice(0, Math.max(0, room))) {
      keep.run({ session, id, integrity, payload: written["tokens"] });
    }
  };
}
