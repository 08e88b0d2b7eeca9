import type { Database } from "better-sqlite3";
import type { CallAnswer, CallStatus } from "../../manifests/call.ts";
import type { Digest } from "../../manifests/digest.ts";
import { limits } from "../../manifests/limits.ts";
import type { PayloadReader } from "./payload-reads.ts";
import type { CallFilter, CallRow, IdempotentCall } from "./store.ts";

export interface CallReads {
  find(id: string): CallRow | undefined;
  findIdempotent(session: string, key: string): IdempotentCall | undefined;
  list(filter: CallFilter): readonly CallRow[];
}

interface Row {
  readonly id: string;
  readonly session: string;
  readonly principal: string;
  readonly tool: string;
  readonly status: CallStatus;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly answer: number | null;
  readonly idempotency_body: Digest;
}

const columns = "id, session, principal, tool, status, started_at, ended_at, answer";

export function prepareCallReads(db: Database, read: PayloadReader): CallReads {
  const find = db.prepare(`SELECT ${columns} FROM calls WHERE id = ?`);
  const findKey = db.prepare(
    `SELECT ${columns}, idempotency_body FROM calls WHERE session = ? AND idempotency_key = ?`,
  );
  return {
    find(id) {
      const row = find.get(id) as Row | undefined;
      return row && callOf(row, read);
    },
    findIdempotent(session, key) {
      const row = findKey.get(session, key) as Row | undefined;
      return row && { body: row.idempotency_body, call: callOf(row, read) };
    },
    list: (filter) => listRows(db, filter).map((row) => callOf(row, read)),
  };
}

/** Only the conditions that are asked for, so that each finds its index. */
function listRows(db: Database, filter: CallFilter): readonly Row[] {
  const names = (["session", "principal", "tool", "status"] as const).filter(
    (name) => filter[name] !== undefined,
  );
  const where = names.map((name) => `${name} = :${name}`).join(" AND ");
  return db
    .prepare(
      `SELECT ${columns} FROM calls ${where && `WHERE ${where}`} ORDER BY sequence DESC LIMIT :limit`,
    )
    .all({ ...filter, limit: limits.listRows }) as Row[];
}

function callOf(row: Row, read: PayloadReader): CallRow {
  const { id, session, principal, tool, status } = row;
  const answer = read(row.answer);
  return {
    ...{ id, session, principal, tool, status, startedAt: row.started_at },
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(answer !== undefined && { answer: JSON.parse(answer) as CallAnswer }),
  };
}
