import type { Database, Statement } from "better-sqlite3";
import { canonicalJson } from "../../manifests/canonical.ts";
import { digestParts } from "../../manifests/digest.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { cleanLabel, joinLabels, type Label } from "../../manifests/label.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Session } from "../../manifests/session.ts";
import { prepareAddKey } from "./key-writes.ts";
import { type LabelColumns, labelColumns, labelOf } from "./labels.ts";
import type { Ledger } from "./ledger.ts";
import type { NewSession, Operations } from "./operations.ts";
import { prepareSessionLog } from "./session-log.ts";

export function prepareSessionWrites(
  db: Database,
  ledger: Ledger,
): Pick<Operations, "openSession" | "addTurn"> {
  const inherited = prepareInheritedLabel(db);
  const write = prepareWriteSession(db, ledger);
  return {
    openSession(input, at) {
      const label = joinLabels(input.session.label, inherited(input.session));
      const session = { ...input.session, label };
      write({ ...input, session }, at);
      return session;
    },
    addTurn: prepareAddTurn(db, ledger),
  };
}

/**
 * What the session's parent and all earlier sessions of its principal have read: they could have
 * left it in files or memory, so a fresh session washes nothing.
 */
function prepareInheritedLabel(db: Database): (session: Session) => Label {
  const parentOf = db.prepare(
    "SELECT integrity, confidentiality FROM sessions WHERE id = ? AND principal = ?",
  );
  const earlier = db.prepare(
    `SELECT (SELECT max(integrity) FROM sessions WHERE principal = :principal) AS integrity,
            (SELECT max(confidentiality) FROM sessions WHERE principal = :principal) AS confidentiality`,
  );
  return ({ parent, principal }) => {
    // The parent is one of the principal's earlier sessions: its label is among theirs.
    if (parent !== undefined && parentOf.get(parent, principal) === undefined) {
      throw new Refusal("SESSION_UNKNOWN", "the parent session is unknown");
    }
    const row = earlier.get({ principal }) as LabelColumns | { integrity: null };
    return row.integrity === null ? cleanLabel : labelOf(row);
  };
}

function prepareWriteSession(
  db: Database,
  ledger: Ledger,
): (input: NewSession, at: number) => void {
  const insert = prepareInsert(db);
  const addKey = prepareAddKey(db, ledger);
  const log = prepareSessionLog(db);
  return ({ session, token, by }, at) => {
    const { id, task, label, epoch, ...rest } = session;
    const body = canonicalJson(rest as unknown as JsonObject);
    const content = {
      principal: session.principal,
      parent: session.parent ?? null,
      label: { ...label },
      expiresAt: session.expiresAt,
      body: digestParts("session", [body]),
    };
    const kind = "session.open";
    const written = ledger.append({ at, kind, by, session: id, payloads: { task }, content });
    const payload = written["task"] ?? 0;
    insert.run({ ...insertColumns(session), task: payload, body });
    log({ session: id, kind: "task", label: cleanLabel, payload });
    addKey({ key: token, by }, at);
  };
}

function prepareInsert(db: Database): Statement {
  return db.prepare(
    `INSERT INTO sessions (id, principal, expires_at, epoch, integrity, confidentiality,
       budget_calls, budget_bytes, budget_seconds, task, body)
     VALUES (:id, :principal, :expiresAt, :epoch, :integrity, :confidentiality,
       :calls, :bytes, :seconds, :task, :body)`,
  );
}

function insertColumns(session: Session): Record<string, string | number> {
  const { id, principal, expiresAt, epoch, budget, label } = session;
  return { id, principal, expiresAt, epoch, ...budget, ...labelColumns(label) };
}

interface TurnRow {
  readonly expires_at: number;
  readonly turns: number;
}

function prepareAddTurn(db: Database, ledger: Ledger): Operations["addTurn"] {
  const find = db.prepare("SELECT expires_at, turns FROM sessions WHERE id = ?");
  const raise = db.prepare("UPDATE sessions SET turns = turns + 1, epoch = epoch + 1 WHERE id = ?");
  const log = prepareSessionLog(db);
  return ({ session, text, by }, at) => {
    checkTurn(find.get(session) as TurnRow | undefined, at);
    raise.run(session);
    const draft = {
      at,
      kind: "session.turn",
      by,
      session,
      payloads: { text },
      content: {},
    } as const;
    const written = ledger.append(draft);
    log({ session, kind: "turn", label: cleanLabel, payload: written["text"] ?? 0 });
  };
}

function checkTurn(row: TurnRow | undefined, at: number): void {
  if (row === undefined) throw new Refusal("SESSION_UNKNOWN");
  if (at >= row.expires_at) throw new Refusal("SESSION_ENDED");
  if (row.turns >= limits.turnsPerSession) {
    throw new Refusal("BUDGET_EXHAUSTED", `a session takes ${limits.turnsPerSession} turns`);
  }
}
