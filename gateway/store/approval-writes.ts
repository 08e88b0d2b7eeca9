import type { Database } from "better-sqlite3";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Ledger, Written } from "./ledger.ts";
import type { Operations } from "./operations.ts";
import type { Settlement } from "./store.ts";
import { prepareAnswerWithheld } from "./withheld-writes.ts";

/**
 * Writes the approval that a pending call waits for. One that is there already is asked only once.
 *
 * @throws {Refusal} `APPROVALS_EXHAUSTED`.
 */
export function prepareAsk(db: Database): (settlement: Settlement, written: Written) => void {
  const exists = db.prepare("SELECT 1 FROM approvals WHERE id = ? AND session = ? AND facts = ?");
  const count = db.prepare("SELECT count(*) FROM approvals WHERE session = ?").pluck();
  const insert = db.prepare(
    `INSERT INTO approvals (id, call, session, principal, tool, facts, shown, asked_at, expires_at, status)
     VALUES (:id, :call, :session, :principal, :tool, :facts, :shown, :askedAt, :expiresAt, 'waiting')`,
  );
  return ({ approval }, written) => {
    if (approval === undefined) return;
    const { id, session, facts } = approval;
    if (exists.get(id, session, facts) !== undefined) return;
    if (Number(count.get(session)) >= limits.approvalsPerSession) {
      throw new Refusal("APPROVALS_EXHAUSTED");
    }
    const { status: _, answeredBy: __, ...columns } = approval;
    insert.run({ ...columns, shown: written["shown"] });
  };
}

interface AskedRow {
  readonly principal: string;
  readonly session: string;
  readonly call: string;
  readonly facts: string;
  readonly status: string;
  readonly expires_at: number;
}

/** Answers once, in time, and never by the principal who asks. */
export function prepareAnswer(db: Database, ledger: Ledger): Operations["answerApproval"] {
  const find = db.prepare(
    "SELECT principal, session, call, facts, status, expires_at FROM approvals WHERE id = ?",
  );
  const update = db.prepare("UPDATE approvals SET status = ?, answered_by = ? WHERE id = ?");
  const answerWithheld = prepareAnswerWithheld(db, ledger);
  return ({ id, answer, by }, at) => {
    const row = find.get(id) as AskedRow | undefined;
    if (row === undefined) throw new Refusal("NOT_FOUND", "there is no such approval");
    checkAnswerable(row, by.principal, at);
    update.run(answer, by.actor, id);
    const { session, facts } = row;
    const content = { approval: id, answer, facts, asked: row.call, principal: by.principal };
    ledger.append({ at, kind: "approval.answer", by: by.actor, session, content });
    answerWithheld({ id, by: by.actor, answer }, at);
  };
}

function checkAnswerable(row: AskedRow, answerer: string, at: number): void {
  if (row.status !== "waiting") {
    throw new Refusal("APPROVAL_MISMATCH", `the approval is ${row.status} already`);
  }
  if (at >= row.expires_at) throw new Refusal("APPROVAL_MISMATCH", "the approval has expired");
  if (row.principal === answerer) {
    throw new Refusal("APPROVAL_MISMATCH", "nobody approves a call of their own");
  }
}
