import type { Database } from "better-sqlite3";
import { grantDigest } from "../../manifests/grant.ts";
import { Refusal } from "../../manifests/refusals.ts";
import { prepareReserve, type SessionUse } from "./budgets.ts";
import type { Ledger } from "./ledger.ts";
import type { Operations } from "./operations.ts";
import type { Intent } from "./store.ts";

/** Everything that must be true at one moment before a call may run. The order is a promise. */
export function prepareAdmit(db: Database, ledger: Ledger): Operations["admit"] {
  const checkSession = prepareCheckSession(db);
  const claimKey = prepareClaimKey(db);
  const useApproval = prepareUseApproval(db);
  const checkGrant = prepareCheckGrant(db);
  const reserve = prepareReserve(db);
  const write = prepareWriteIntent(db, ledger);
  return (intent) => {
    const session = checkSession(intent);
    claimKey(intent);
    useApproval(intent);
    checkGrant(intent);
    reserve(intent, session);
    write(intent);
  };
}

interface SessionRow extends SessionUse {
  readonly expires_at: number;
  readonly epoch: number;
}

function prepareCheckSession(db: Database): (intent: Intent) => SessionUse {
  const find = db.prepare(
    `SELECT expires_at, epoch, used_calls, used_bytes, used_seconds,
            budget_calls, budget_bytes, budget_seconds
     FROM sessions WHERE id = ? AND principal = ?`,
  );
  const frozen = db.prepare(
    `SELECT 1 FROM freezes WHERE (kind, id) IN
       (VALUES ('session', :session), ('principal', :principal), ('tool', :tool))`,
  );
  return ({ at, grant, epoch }) => {
    const { session, principal, tool } = grant;
    const row = find.get(session, principal) as SessionRow | undefined;
    if (row === undefined) throw new Refusal("SESSION_UNKNOWN");
    if (at >= row.expires_at) throw new Refusal("SESSION_ENDED");
    if (frozen.get({ session, principal, tool }) !== undefined) throw new Refusal("FROZEN");
    if (row.epoch !== epoch) throw new Refusal("SESSION_MOVED");
    return row;
  };
}

interface HeldKey {
  readonly idempotency_body: string;
  readonly status: string;
}

/**
 * The key itself is claimed by the call's row. A call that holds the key may have settled since the
 * caller looked for it: whoever gets `IDEMPOTENCY_IN_PROGRESS` looks once more.
 */
function prepareClaimKey(db: Database): (intent: Intent) => void {
  const find = db.prepare(
    "SELECT idempotency_body, status FROM calls WHERE session = ? AND idempotency_key = ?",
  );
  return ({ grant, idempotency }) => {
    if (idempotency === undefined) return;
    const held = find.get(grant.session, idempotency.key) as HeldKey | undefined;
    if (held === undefined) return;
    if (held.idempotency_body !== idempotency.body) throw new Refusal("IDEMPOTENCY_MISMATCH");
    if (held.status === "running") throw new Refusal("IDEMPOTENCY_IN_PROGRESS");
    const detail = "the call with this Idempotency-Key has just ended";
    throw new Refusal("IDEMPOTENCY_IN_PROGRESS", detail, { retryAfterSeconds: 1 });
  };
}

function prepareUseApproval(db: Database): (intent: Intent) => void {
  const use = db.prepare(
    `UPDATE approvals SET status = 'used'
     WHERE id = :id AND facts = :facts AND session = :session AND status = 'approved'
       AND expires_at > :at`,
  );
  return ({ at, grant, approval }) => {
    if (approval === undefined) return;
    const { changes } = use.run({ ...approval, session: grant.session, at });
    if (changes !== 1) throw new Refusal("APPROVAL_MISMATCH");
  };
}

function prepareCheckGrant(db: Database): (intent: Intent) => void {
  const used = db.prepare("SELECT 1 FROM calls WHERE grant_id = ?");
  return ({ at, grant }) => {
    if (at >= grant.expiresAt) throw new Refusal("GRANT_EXPIRED");
    if (used.get(grant.id) !== undefined) {
      throw new Refusal("GRANT_EXPIRED", "the permission for this call has been used already");
    }
  };
}

function prepareWriteIntent(db: Database, ledger: Ledger): (intent: Intent) => void {
  const insert = db.prepare(
    `INSERT INTO calls (id, session, principal, tool, status, started_at, writer, grant_id,
       reserved_bytes, reserved_seconds, idempotency_key, idempotency_body)
     VALUES (:call, :session, :principal, :tool, 'running', :at, :writer, :grant,
       :bytes, :seconds, :key, :body)`,
  );
  return (intent) => {
    const { at, grant, budget, idempotency } = intent;
    const { id, call, session, principal, tool } = grant;
    const { bytes, seconds } = budget;
    const held = { key: idempotency?.key ?? null, body: idempotency?.body ?? null };
    const writer = ledger.writer.name;
    insert.run({ call, session, principal, tool, at, writer, grant: id, bytes, seconds, ...held });
    const payloads = { arguments: intent.argumentsText };
    const content = {
      principal,
      tool,
      grant: id,
      grantDigest: grantDigest(grant),
      approval: intent.approval?.id ?? null,
      epoch: intent.epoch,
      reserved: { bytes, seconds },
    };
    const details = intent.record;
    ledger.append({ at, kind: "intent", call, session, payloads, content, details });
  };
}
