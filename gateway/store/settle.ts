import type { Database } from "better-sqlite3";
import { canonicalJson } from "../../manifests/canonical.ts";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import { isAtLeast, joinLabels } from "../../manifests/label.ts";
import { Refusal } from "../../manifests/refusals.ts";
import { prepareAsk } from "./approval-writes.ts";
import { type LabelColumns, labelColumns, labelOf } from "./labels.ts";
import type { Ledger, Written } from "./ledger.ts";
import type { Operations } from "./operations.ts";
import { prepareSessionLog } from "./session-log.ts";
import type { Settlement } from "./store.ts";
import { prepareKeepTokens } from "./token-writes.ts";
import { payloadsOf, prepareWithhold } from "./withheld-writes.ts";

/** The end of a call: its outcome, its answer, what it used and what the session has now read. */
export function prepareSettle(db: Database, ledger: Ledger): Operations["settle"] {
  const end = prepareEndCall(db, ledger);
  const giveBack = prepareGiveBack(db);
  const remember = prepareRemember(db);
  const ask = prepareAsk(db);
  const withhold = prepareWithhold(db);
  const keepTokens = prepareKeepTokens(db);
  return (settlement) => {
    const reserved = giveBack(settlement);
    const written = appendEnd(ledger, settlement);
    end(settlement, written, reserved);
    remember(settlement, written);
    ask(settlement, written);
    withhold(settlement, written);
    keepTokens(settlement, written);
  };
}

interface Reserved {
  readonly session: string;
  readonly reserved_bytes: number;
  readonly reserved_seconds: number;
  readonly status: string;
}

/** Replaces what `admit` reserved by what was used. Only of a call that runs. */
function prepareGiveBack(db: Database): (settlement: Settlement) => Reserved | undefined {
  const find = db.prepare(
    "SELECT session, status, reserved_bytes, reserved_seconds FROM calls WHERE id = ?",
  );
  const use = db.prepare(
    "UPDATE sessions SET used_bytes = used_bytes + ?, used_seconds = used_seconds + ? WHERE id = ?",
  );
  return ({ call, admitted, used }) => {
    if (!admitted) return undefined;
    const row = find.get(call) as Reserved | undefined;
    checkRunning(row);
    const { session, reserved_bytes, reserved_seconds } = row;
    use.run(used.bytes - reserved_bytes, used.seconds - reserved_seconds, session);
    return row;
  };
}

function checkRunning(row: Reserved | undefined): asserts row is Reserved {
  if (row?.status === "unknown") throw new Refusal("OUTCOME_UNKNOWN");
  if (row?.status !== "running") {
    throw new Refusal("INTERNAL", "the call to settle is not running");
  }
}

function appendEnd(ledger: Ledger, settlement: Settlement): Written {
  const {
    at,
    call,
    session,
    principal = null,
    tool,
    answer,
    result,
    ran,
    approval,
    withheld,
    tokens = [],
  } = settlement;
  const content = {
    status: answer.status,
    principal,
    tool,
    admitted: settlement.admitted,
    used: { ...settlement.used },
    ...(result && { label: { ...result.label } }),
    ...(approval && { approval: approval.id, facts: approval.facts }),
    ...(withheld && { withheld: withheld.id }),
  };
  const payloads = {
    answer: canonicalJson(answer as unknown as JsonObject),
    ...(result && { result: result.text }),
    ...(ran && { recording: ran.recording }),
    ...(ran && ran.log !== "" && { log: ran.log }),
    ...(approval && { shown: canonicalJson(approval.shown) }),
    ...(withheld && payloadsOf(withheld)),
    ...(tokens.length > 0 && { tokens: canonicalJson(tokens as unknown as JsonValue) }),
  };
  const { code } = answer;
  const details = settlement.record;
  return ledger.append({ at, kind: "end", call, session, code, payloads, content, details });
}

type EndCall = (settlement: Settlement, written: Written, reserved: Reserved | undefined) => void;

function prepareEndCall(db: Database, ledger: Ledger): EndCall {
  const update = db.prepare("UPDATE calls SET status = ?, ended_at = ?, answer = ? WHERE id = ?");
  const insert = db.prepare(
    `INSERT INTO calls (id, session, principal, tool, status, started_at, ended_at, answer, writer)
     VALUES (:call, :session, :principal, :tool, :status, :at, :at, :answer, :writer)`,
  );
  return (settlement, written, reserved) => {
    const { at, call, session = "", principal = "", tool } = settlement;
    const { status } = settlement.answer;
    const answer = written["answer"];
    if (reserved !== undefined) update.run(status, at, answer, call);
    else {
      const writer = ledger.writer.name;
      insert.run({ call, session, principal, tool, status, at, answer, writer });
    }
  };
}

/**
 * Writes the result into the session's log, and raises the session's label by the result's; with it
 * those of the principal's other open sessions, which the same agent may hold.
 */
function prepareRemember(db: Database): (settlement: Settlement, written: Written) => void {
  const find = db.prepare("SELECT integrity, confidentiality FROM sessions WHERE id = ?");
  const raise = db.prepare(
    `UPDATE sessions SET integrity = max(integrity, :integrity),
       confidentiality = max(confidentiality, :confidentiality), epoch = epoch + 1
     WHERE (id = :session OR (principal = :principal AND expires_at > :at))
       AND (integrity < :integrity OR confidentiality < :confidentiality)`,
  );
  const log = prepareSessionLog(db);
  return ({ at, session, principal = "", call, tool, result }, written) => {
    if (result === undefined || session === undefined) return;
    const { label, fields } = result;
    const payload = written["result"] ?? 0;
    log({ session, kind: "result", label, ...(fields && { fields }), call, tool, payload });
    const before = labelOf(find.get(session) as LabelColumns);
    if (isAtLeast(before, label)) return;
    raise.run({ ...labelColumns(joinLabels(before, label)), session, principal, at });
  };
}
