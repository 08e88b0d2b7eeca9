import type { Database } from "better-sqlite3";
import { actionLimits } from "../../manifests/action-limits.ts";
import { canonicalJson } from "../../manifests/canonical.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { Refusal } from "../../manifests/refusals.ts";
import { labelColumns, labelOf } from "./labels.ts";
import type { Ledger, Written } from "./ledger.ts";
import type { Operations } from "./operations.ts";
import { prepareSessionLog } from "./session-log.ts";
import type { Actor, Settlement } from "./store.ts";
import type { NewWithheld } from "./withheld.ts";

/** What stands beside the record of the call's end: the output, and both answers that may follow. */
export function payloadsOf({ output, released, denied }: NewWithheld): Record<string, string> {
  return {
    withheld: output,
    released: canonicalJson(released as unknown as JsonObject),
    denied: canonicalJson(denied as unknown as JsonObject),
  };
}

/** @throws {Refusal} `QUARANTINE_FULL`. */
export function prepareWithhold(db: Database): (settlement: Settlement, written: Written) => void {
  const count = db.prepare(
    "SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes FROM withheld WHERE session = ?",
  );
  const insert = db.prepare(
    `INSERT INTO withheld (id, call, session, principal, tool, integrity, confidentiality, because,
       bytes, held_at, expires_at, status, output, source, fields, released, denied)
     VALUES (:id, :call, :session, :principal, :tool, :integrity, :confidentiality, :because,
       :bytes, :at, :expiresAt, 'held', :output, :source, :fields, :released, :denied)`,
  );
  return ({ at, call, session = "", principal = "", tool, withheld }, written) => {
    if (withheld === undefined) return;
    const { id, label, because, expiresAt, isSource, fields } = withheld;
    const bytes = Buffer.byteLength(withheld.output);
    const used = count.get(session) as { readonly rows: number; readonly bytes: number };
    const isFull =
      used.rows >= actionLimits.withheldPerSession ||
      used.bytes + bytes > actionLimits.withheldBytesPerSession;
    if (isFull) throw new Refusal("QUARANTINE_FULL");
    insert.run({
      ...{ id, call, session, principal, tool, bytes, at, expiresAt },
      ...labelColumns(label),
      because: JSON.stringify(because),
      output: written["withheld"],
      source: isSource ? 1 : 0,
      fields: fields ? JSON.stringify(fields) : null,
      released: written["released"],
      denied: written["denied"],
    });
  };
}

interface WithheldRow {
  readonly id: string;
  readonly call: string;
  readonly session: string;
  readonly principal: string;
  readonly tool: string;
  readonly integrity: number;
  readonly confidentiality: number;
  readonly expires_at: number;
  readonly status: string;
  readonly output: number;
  readonly source: number;
  readonly fields: string | null;
  readonly released: number;
  readonly denied: number;
}

/** Only what stands behind a reference: what a person was asked for is answered as an approval. */
export function prepareRelease(db: Database, ledger: Ledger): Operations["release"] {
  const find = db.prepare(
    "SELECT * FROM withheld WHERE id = ? AND id NOT IN (SELECT id FROM approvals)",
  );
  const answer = prepareAnswerWithheld(db, ledger);
  return ({ id, by }, at) => {
    const row = find.get(id) as WithheldRow | undefined;
    if (row === undefined) throw new Refusal("NOT_FOUND", "there is no such reference");
    checkReleasable(row, by.principal, at);
    answer({ id, by: by.actor, answer: "approved" }, at);
  };
}

function checkReleasable(row: WithheldRow, answerer: string, at: number): void {
  if (row.status !== "held") {
    throw new Refusal("APPROVAL_MISMATCH", `the output is ${row.status} already`);
  }
  if (at >= row.expires_at) throw new Refusal("APPROVAL_MISMATCH", "the reference has expired");
  if (row.principal === answerer) {
    throw new Refusal("APPROVAL_MISMATCH", "nobody releases an output to themselves");
  }
}

interface Answered {
  readonly id: string;
  readonly by: Actor;
  readonly answer: "approved" | "denied";
}

/** What follows for a withheld output from what a person said of it; nothing where none is withheld. */
export function prepareAnswerWithheld(
  db: Database,
  ledger: Ledger,
): (answered: Answered, at: number) => void {
  const find = db.prepare("SELECT * FROM withheld WHERE id = ? AND status = 'held'");
  const mark = db.prepare("UPDATE withheld SET status = ?, answered_by = ? WHERE id = ?");
  const end = db.prepare("UPDATE calls SET status = ?, answer = ? WHERE id = ?");
  const erase = db.prepare("DELETE FROM payloads WHERE id IN (?, ?)");
  const log = prepareSessionLog(db);
  return ({ id, by, answer }, at) => {
    const row = find.get(id) as WithheldRow | undefined;
    if (row === undefined) return;
    const { call, session } = row;
    const isReleased = answer === "approved";
    const standing = isReleased ? "released" : "denied";
    const status = isReleased ? "completed" : "refused";
    mark.run(standing, by, id);
    end.run(status, row[standing], call);
    if (isReleased) log(entryOf(row));
    else erase.run(row.output, row.released);
    ledger.append({
      at,
      kind: "output.answer",
      by,
      call,
      session,
      content: { id, answer, status },
    });
  };
}

/** Its label was raised when the call ended; whose word nobody stands behind goes there empty. */
function entryOf(row: WithheldRow): Parameters<ReturnType<typeof prepareSessionLog>>[0] {
  const { session, call, tool, output, source, fields } = row;
  return {
    ...{ session, kind: "result", label: labelOf(row), call, tool },
    ...(fields !== null && { fields: JSON.parse(fields) }),
    payload: source === 1 ? output : 0,
  };
}
