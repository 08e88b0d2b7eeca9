import type { CallAnswer, CallStatus } from "../../manifests/call.ts";
import type { Digest } from "../../manifests/digest.ts";
import type { Fields } from "../../manifests/field-labels.ts";
import type { Grant } from "../../manifests/grant.ts";
import type { JsonObject } from "../../manifests/json.ts";
import type { Confidentiality, Label } from "../../manifests/label.ts";
import type { Session } from "../../manifests/session.ts";
import type { NewToken, TokenStore } from "./tokens.ts";
import type { NewWithheld, WithheldStore } from "./withheld.ts";

/**
 * The one place where state lives and where single use is decided. Each method is one transaction:
 * when its promise resolves, what it did is durable and in the record; when it rejects, nothing of
 * it happened. Rejects with a `Refusal` of the codes each method names, with `RECORD_UNWRITABLE`
 * where the disk fails and `RECORD_FULL` where the reserve is reached.
 */
export interface Store {
  readonly keys: KeyStore;
  readonly sessions: SessionStore;
  readonly calls: CallStore;
  readonly approvals: ApprovalStore;
  readonly withheld: WithheldStore;
  readonly tokens: TokenStore;
  readonly files: FileStore;
  readonly freezes: FreezeStore;
  readonly record: RecordStore;
  close(): Promise<void>;
}

/** Who did what an event says: a credential's id, `local:<user>` for the command line. */
export type Actor = string;

export const keyKinds = ["host", "agent", "operator", "auditor"] as const;
export type KeyKind = (typeof keyKinds)[number];

export interface Key {
  readonly id: string;
  readonly kind: KeyKind;
  /** Of the whole secret; the secret itself is shown once and kept nowhere. */
  readonly hash: Digest;
  /** Whom an agent's key acts for; the name of the holder for the other kinds. */
  readonly principal: string;
  /** Set for the token that opening a session gives: it is good for that session alone. */
  readonly session?: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
}

export interface KeyStore {
  add(key: Key, by: Actor): Promise<void>;
  find(hash: Digest): Promise<Key | undefined>;
  /** Without the tokens of sessions. */
  list(): Promise<readonly Key[]>;
  /** False where there is no such key. */
  revoke(id: string, by: Actor): Promise<boolean>;
}

export interface SessionStore {
  /**
   * Writes the session and the token that is good for it alone. The new session's label is joined
   * with that of its parent, and with those of all earlier sessions of the principal. Returns it so.
   *
   * @throws {Refusal} `SESSION_UNKNOWN` where the parent is missing or another principal's.
   */
  open(session: Session, token: Key, by: Actor): Promise<Session>;
  /**
   * Appends what the user said; raises the epoch. `SESSION_UNKNOWN`, `SESSION_ENDED`;
   * `BUDGET_EXHAUSTED` past `limits.turnsPerSession`.
   */
  addTurn(session: string, text: string, by: Actor): Promise<void>;
  find(id: string): Promise<Session | undefined>;
  /** What was said and read in a session, oldest first, from `after` (exclusive) on. */
  log(session: string, after: number): Promise<readonly LogEntry[]>;
}

/** One entry of a session's append-only log; provenance is rebuilt from these. */
export interface LogEntry {
  /** From 1, per session, without gaps. */
  readonly sequence: number;
  readonly kind: "task" | "turn" | "result";
  readonly label: Label;
  /** The text, or the result's canonical JSON. Empty where the payload has expired. */
  readonly text: string;
  /** Whose word each part is, where that is not the same for all; only for results. */
  readonly fields?: Fields;
  readonly call?: string;
  readonly tool?: string;
}

export interface CallStore {
  /**
   * In one transaction: claims the idempotency key, checks session, freezes and epoch, reserves
   * budgets, uses up the approval, uses up the grant, writes the intent.
   *
   * @throws {Refusal} `FROZEN`, `SESSION_UNKNOWN`, `SESSION_ENDED`, `SESSION_MOVED`,
   * `BUDGET_EXHAUSTED`, `APPROVAL_MISMATCH`, `GRANT_EXPIRED`, `IDEMPOTENCY_MISMATCH`,
   * `IDEMPOTENCY_IN_PROGRESS`: another call holds the key. It may have ended since the caller looked
   * for it, so whoever gets this code looks with `findIdempotent` once more.
   */
  admit(intent: Intent): Promise<void>;
  /**
   * Writes how a call ended, admitted or not; the budget really used, the result into the session's
   * log, the session's label raised by the result's, and the approval that a pending call waits for.
   *
   * @throws {Refusal} `APPROVALS_EXHAUSTED` where the session has asked too often, `QUARANTINE_FULL`
   * where it has too many outputs withheld; then nothing is written, and the caller settles the call as refused. `OUTCOME_UNKNOWN` where the call was ended
   * as `unknown` meanwhile.
   */
  settle(settlement: Settlement): Promise<void>;
  find(id: string): Promise<CallRow | undefined>;
  /** The call that holds this key, where one does. */
  findIdempotent(session: string, key: string): Promise<IdempotentCall | undefined>;
  /** Newest first, at most `limits.listRows`. */
  list(filter: CallFilter): Promise<readonly CallRow[]>;
}

export interface Intent {
  readonly at: number;
  readonly grant: Grant;
  /** The session's epoch that policy judged by. */
  readonly epoch: number;
  readonly idempotency?: { readonly key: string; readonly body: Digest };
  /** The approval to use up; `facts` must be what it was given for. */
  readonly approval?: { readonly id: string; readonly facts: Digest };
  readonly budget: {
    readonly perSession?: number;
    readonly perMinute?: number;
    /** Reserved now, settled with what was really used. */
    readonly bytes: number;
    readonly seconds: number;
  };
  /** What the record says of the intent; the store adds the chain's fields and the commitments. */
  readonly record: JsonObject;
  /** Canonical JSON, kept encrypted beside the record. */
  readonly argumentsText: string;
}

export interface Settlement {
  readonly at: number;
  readonly call: string;
  readonly session?: string;
  readonly principal?: string;
  /** As proposed; it may not exist. */
  readonly tool: string;
  /** Whether `admit` came before; then there is a reservation to settle. */
  readonly admitted: boolean;
  /** What the agent is told, kept encrypted for `find` and for the idempotency key. */
  readonly answer: CallAnswer;
  readonly used: { readonly bytes: number; readonly seconds: number };
  /** What the agent is handed, for the session's log; of a failed run, the error's text. */
  readonly result?: Pick<LogEntry, "label" | "text" | "fields">;
  /** Of a call that ran: what it takes to run it again, and what it logged; kept encrypted. */
  readonly ran?: { readonly recording: string; readonly log: string };
  /** Only where pending. */
  readonly approval?: Approval;
  /** The output, where the agent is not handed it now. */
  readonly withheld?: NewWithheld;
  /** What the tokens in the output stand for; kept encrypted. */
  readonly tokens?: readonly NewToken[];
  readonly record: JsonObject;
}

export interface CallRow {
  readonly id: string;
  readonly session: string;
  readonly principal: string;
  readonly tool: string;
  readonly status: CallStatus;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Absent while it runs, and after its payload has expired. */
  readonly answer?: CallAnswer;
}

export interface IdempotentCall {
  readonly body: Digest;
  readonly call: CallRow;
}

export interface CallFilter {
  readonly session?: string;
  readonly principal?: string;
  readonly tool?: string;
  readonly status?: CallStatus;
}

export const approvalStatuses = ["waiting", "approved", "denied", "used", "expired"] as const;

export interface Approval {
  readonly id: string;
  readonly call: string;
  readonly session: string;
  readonly principal: string;
  readonly tool: string;
  /** Of the whole canonical policy input and of what the person is shown. */
  readonly facts: Digest;
  /** What the person is shown. Texts in it come from strangers: escape them. */
  readonly shown: JsonObject;
  readonly askedAt: number;
  readonly expiresAt: number;
  readonly status: (typeof approvalStatuses)[number];
  readonly answeredBy?: Actor;
}

export interface ApprovalStore {
  find(id: string): Promise<Approval | undefined>;
  /** The approval of the same facts in the same session that is not used or expired. */
  findByFacts(session: string, facts: Digest): Promise<Approval | undefined>;
  list(status?: Approval["status"]): Promise<readonly Approval[]>;
  /**
   * @throws {Refusal} `NOT_FOUND`; `APPROVAL_MISMATCH` where it is answered or expired already, or
   * where `by` is a credential of the principal that asks.
   */
  answer(id: string, answer: "approved" | "denied", by: Answerer): Promise<Approval>;
}

export interface Answerer {
  readonly actor: Actor;
  /** The principal of the credential. */
  readonly principal: string;
}

/** What is known of the files that calls wrote. Paths and contents are kept under keyed names. */
export interface FileStore {
  /** Writes what a file carries that is about to be written. */
  record(file: FileToWrite): Promise<void>;
  /** @param content a digest of the file's bytes. */
  find(path: string, content: Digest): Promise<KnownFile>;
  /** The highest that was ever written into a folder. */
  highestIn(folder: string): Promise<Confidentiality>;
  /** The join of all that was ever written at a path or beneath it; clean where nothing was. */
  joinOf(tree: string): Promise<Label>;
}

export interface FileToWrite {
  readonly path: string;
  readonly folder: string;
  /** Its path, and all the folders that it lies in. */
  readonly trees: readonly string[];
  readonly content: Digest;
  readonly label: Label;
  readonly call: string;
  readonly session: string;
}

export interface KnownFile {
  /** Absent where no call ever wrote these bytes under this path. */
  readonly written?: Label;
  /** The highest of all that calls ever wrote under this path. */
  readonly highest: Confidentiality;
}

export const freezeKinds = ["session", "principal", "tool"] as const;
export type FreezeKind = (typeof freezeKinds)[number];

export interface Freeze {
  readonly kind: FreezeKind;
  readonly id: string;
}

/** A freeze with what an operator said of it. */
export interface Frozen extends Freeze {
  readonly reason: string;
  readonly at: number;
}

export interface FreezeStore {
  freeze(what: Freeze, reason: string, by: Actor): Promise<void>;
  /** False where it was not frozen. */
  thaw(what: Freeze, by: Actor): Promise<boolean>;
  list(): Promise<readonly Frozen[]>;
}

export interface RecordStore {
  /**
   * Appends an event that belongs to no call: refusals counted at the door, a start of something.
   * Its `kind` becomes the record's, with `event.` before it.
   */
  append(event: JsonObject): Promise<void>;
  /** The newest signed checkpoint; makes one where the newest does not cover the last record. */
  checkpoint(): Promise<Checkpoint>;
}

/** A signed statement: "this chain had this hash at this sequence, and the next key is this one". */
export interface Checkpoint {
  readonly chain: string;
  readonly writer: string;
  readonly sequence: number;
  readonly hash: Digest;
  readonly at: number;
  /** Ed25519, base64url of the raw 32 bytes: the key that signed, and the one that signs next. */
  readonly publicKey: string;
  readonly nextPublicKey: string;
  /** Over the canonical JSON of all other fields, base64url. */
  readonly signature: string;
}
