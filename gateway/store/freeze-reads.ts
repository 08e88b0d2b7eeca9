import type { Database } from "better-sqlite3";
import type { Frozen } from "./store.ts";

export function prepareFreezeList(db: Database): () => readonly Frozen[] {
  const list = db.prepare("SELECT kind, id, reason, at FROM freezes ORDER BY at, kind, id");
  return () => list.all() as Frozen[];
}
