import type { Database } from "better-sqlite3";
import { isAtLeast, type Label } from "../../manifests/label.ts";
import { type LabelColumns, labelOf } from "../store/labels.ts";
import type { AuditRecord } from "./record.ts";

/** What is wrong with the row that a record speaks of; undefined where it agrees. */
export type Check = (record: AuditRecord) => string | undefined;

interface CallRow {
  readonly session: string;
  readonly tool: string;
  readonly status: string;
  readonly grant_id: string | null;
}

/** A grant belongs to one call, and an approval is used by one. */
export function prepareIntent(db: Database): Check {
  const find = prepareFindCall(db);
  const checkApproval = prepareApproval(db);
  return (record) => {
    const { call, session, content } = record;
    const row = find(call);
    if (row === undefined) return "the call it admits is in no table";
    if (row.grant_id !== content["grant"]) return "the call's grant is not the one it admits";
    if (row.session !== session || row.tool !== content["tool"]) {
      return "the call's row is not the call it admits";
    }
    return checkApproval(record);
  };
}

function prepareFindCall(db: Database): (id: string | undefined) => CallRow | undefined {
  const find = db.prepare("SELECT session, tool, status, grant_id FROM calls WHERE id = ?");
  return (id) => find.get(id) as CallRow | undefined;
}

interface ApprovalRow {
  readonly session: string;
  readonly status: string;
}

function prepareApproval(db: Database): Check {
  const find = db.prepare("SELECT session, status FROM approvals WHERE id = ?");
  const used = new Set<string>();
  return ({ session, content }) => {
    const { approval } = content;
    if (typeof approval !== "string") return undefined;
    if (used.has(approval)) return "it uses an approval that was used before";
    used.add(approval);
    const row = find.get(approval) as ApprovalRow | undefined;
    const isUsed = row?.status === "used" && row.session === session;
    return isUsed ? undefined : "the approval that it used up is not marked as used";
  };
}

/** The row says how the call ended, and the session's label is as high as what was read. */
export function prepareEnd(db: Database): Check {
  const find = prepareFindCall(db);
  const checkLabel = prepareLabel(db);
  // An output that was withheld ends its call anew once a person has looked at it.
  const answered = db
    .prepare(
      "SELECT text ->> '$.content.status' FROM records WHERE call = ? AND kind = 'output.answer'",
    )
    .pluck();
  return (record) => {
    const row = find(record.call);
    if (row === undefined) return "the call it ends is in no table";
    const { admitted } = record.content;
    const status = answered.get(record.call) ?? record.content["status"];
    if (row.status !== status) return `the call's status is not \`${status}\``;
    if ((row.grant_id !== null) !== admitted) return "the call's row tells otherwise if it ran";
    return checkLabel(record);
  };
}

function prepareLabel(db: Database): Check {
  const find = db.prepare("SELECT integrity, confidentiality FROM sessions WHERE id = ?");
  return ({ session, content }) => {
    if (content["label"] === undefined) return undefined;
    const row = find.get(session) as LabelColumns | undefined;
    const isRaised = row && isAtLeast(labelOf(row), content["label"] as unknown as Label);
    return isRaised ? undefined : "the session's label is lower than what it read";
  };
}
