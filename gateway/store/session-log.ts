import type { Database } from "better-sqlite3";
import type { Label } from "../../manifests/label.ts";
import { labelColumns } from "./labels.ts";
import type { LogEntry } from "./store.ts";

export interface NewLogEntry extends Pick<LogEntry, "kind" | "label" | "fields" | "call" | "tool"> {
  readonly session: string;
  readonly label: Label;
  /** The id of the payload with the text. */
  readonly payload: number;
}

/** Appends to a session's log under the next number. */
export function prepareSessionLog(db: Database): (entry: NewLogEntry) => void {
  const next = db
    .prepare("UPDATE sessions SET log_length = log_length + 1 WHERE id = ? RETURNING log_length")
    .pluck();
  const insert = db.prepare(
    `INSERT INTO log (session, sequence, kind, integrity, confidentiality, call, tool, payload, fields)
     VALUES (:session, :sequence, :kind, :integrity, :confidentiality, :call, :tool, :payload, :fields)`,
  );
  return ({ session, kind, label, fields, call = null, tool = null, payload }: Nullable) => {
    const sequence = next.get(session);
    const columns = { ...labelColumns(label), fields: fields ? JSON.stringify(fields) : null };
    insert.run({ session, sequence, kind, ...columns, call, tool, payload });
  };
}

type Nullable = Omit<NewLogEntry, "call" | "tool"> & {
  readonly call?: string | null;
  readonly tool?: string | null;
};
