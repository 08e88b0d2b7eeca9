import type { Database } from "better-sqlite3";
import type { Digest } from "../../manifests/digest.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import type { PayloadReader } from "./payload-reads.ts";
import type { Approval } from "./store.ts";

export interface ApprovalReads {
  find(id: string): Approval | undefined;
  findByFacts(session: string, facts: Digest): Approval | undefined;
  list(status?: Approval["status"]): readonly Approval[];
}

export interface ReadOptions {
  readonly read: PayloadReader;
  readonly now: () => number;
}

/** Nothing writes that an approval has expired: it is so from that moment on. */
const current = `SELECT id, "call", session, principal, tool, facts, shown, asked_at, expires_at,
    CASE WHEN status IN ('waiting', 'approved') AND expires_at <= :now THEN 'expired'
      ELSE status END AS status, answered_by, sequence
  FROM approvals`;

export function prepareApprovalReads(db: Database, { read, now }: ReadOptions): ApprovalReads {
  const find = db.prepare(`${current} WHERE id = :id`);
  // Of two that were asked at once, what a person said counts, and a no before a yes.
  const findByFacts = db.prepare(
    `${current} WHERE session = :session AND facts = :facts AND expires_at > :now
       AND status <> 'used'
     ORDER BY status = 'denied' DESC, status = 'approved' DESC, sequence LIMIT 1`,
  );
  const list = db.prepare(
    `SELECT * FROM (${current}) WHERE :status IS NULL OR status = :status
     ORDER BY sequence DESC LIMIT :limit`,
  );
  const one = (row: unknown): Approval | undefined =>
    row === undefined ? undefined : approvalOf(row as Row, read);
  return {
    find: (id) => one(find.get({ id, now: now() })),
    findByFacts: (session, facts) => one(findByFacts.get({ session, facts, now: now() })),
    list: (status = undefined) =>
      (list.all({ status: status ?? null, now: now(), limit: limits.listRows }) as Row[]).map(
        (row) => approvalOf(row, read),
      ),
  };
}

interface Row {
  readonly id: string;
  readonly call: string;
  readonly session: string;
  readonly principal: string;
  readonly tool: string;
  readonly facts: Digest;
  readonly shown: number;
  readonly asked_at: number;
  readonly expires_at: number;
  readonly status: Approval["status"];
  readonly answered_by: string | null;
}

function approvalOf(row: Row, read: PayloadReader): Approval {
  const { id, call, session, principal, tool, facts, status } = row;
  return {
    ...{ id, call, session, principal, tool, facts, status },
    shown: JSON.parse(read(row.shown) ?? "{}") as JsonObject,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    ...(row.answered_by !== null && { answeredBy: row.answered_by }),
  };
}
