import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import type { Fields } from "../../manifests/field-labels.ts";
import type { Session } from "../../manifests/session.ts";
import { type LabelColumns, labelOf } from "./labels.ts";
import type { PayloadReader } from "./payload-reads.ts";
import type { LogEntry } from "./store.ts";

export interface SessionReads {
  find(id: string): Session | undefined;
  log(session: string, after: number): Promise<readonly LogEntry[]>;
}

/** Entries deciphered before other work gets its turn. */
const logPage = 64;

export function prepareSessionReads(db: Database, read: PayloadReader): SessionReads {
  const find = db.prepare(
    "SELECT integrity, confidentiality, epoch, task, body FROM sessions WHERE id = ?",
  );
  const page = db.prepare(
    "SELECT * FROM log WHERE session = ? AND sequence > ? ORDER BY sequence LIMIT ?",
  );
  return {
    find(id) {
      const row = find.get(id) as SessionRow | undefined;
      return row && { id, ...sessionOf(row, read) };
    },
    async log(session, after) {
      const entries: LogEntry[] = [];
      for (let last = after; ; last = entries.at(-1)?.sequence ?? last) {
        const rows = page.all(session, last, logPage) as LogRow[];
        entries.push(...rows.map((row) => entryOf(row, read)));
        if (rows.length < logPage) return entries;
        await nextTurn();
      }
    },
  };
}

interface SessionRow extends LabelColumns {
  readonly epoch: number;
  readonly task: number;
  readonly body: string;
}

function sessionOf(row: SessionRow, read: PayloadReader): Omit<Session, "id"> {
  const body = JSON.parse(row.body) as Omit<Session, "id" | "task" | "label" | "epoch">;
  return { ...body, task: read(row.task) ?? "", label: labelOf(row), epoch: row.epoch };
}

interface LogRow extends LabelColumns {
  readonly sequence: number;
  readonly kind: LogEntry["kind"];
  readonly call: string | null;
  readonly tool: string | null;
  readonly payload: number;
  readonly fields: string | null;
}

function entryOf(row: LogRow, read: PayloadReader): LogEntry {
  const { sequence, kind, call, tool } = row;
  return {
    ...{ sequence, kind, label: labelOf(row), text: read(row.payload) ?? "" },
    ...(row.fields !== null && { fields: JSON.parse(row.fields) as Fields }),
    ...(call !== null && { call }),
    ...(tool !== null && { tool }),
  };
}
