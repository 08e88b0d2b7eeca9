import type { Database } from "better-sqlite3";
import { integrities } from "../../manifests/label.ts";
import type { PayloadReader } from "./payload-reads.ts";
import type { KnownToken, NewToken } from "./tokens.ts";

export type TokenReads = (session: string, id: string) => KnownToken | undefined;

export function prepareTokenReads(db: Database, read: PayloadReader): TokenReads {
  const find = db.prepare("SELECT integrity, payload FROM tokens WHERE session = ? AND id = ?");
  return (session, id) => {
    const row = find.get(session, id) as Row | undefined;
    const text = row && read(row.payload);
    if (row === undefined || text === undefined) return undefined;
    const token = (JSON.parse(text) as readonly NewToken[]).find((one) => one.id === id);
    return token && { ...token, integrity: integrities[row.integrity] ?? "untrusted" };
  };
}

interface Row {
  readonly integrity: number;
  readonly payload: number;
}
