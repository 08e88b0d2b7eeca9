import Database from "better-sqlite3";
import { Refusal, type RefusalCode } from "../../manifests/refusals.ts";
import { type Handlers, prepareHandlers } from "./handlers.ts";
import type { Head, Ledger } from "./ledger.ts";
import type { Answer, Operation, OperationKind } from "./operations.ts";
import type { Signer } from "./signer.ts";

export interface BatchParts {
  readonly ledger: Ledger;
  readonly signer: Signer;
  /** Whether the disk has more than the reserve free. Asked once a batch. */
  readonly hasRoom: () => boolean;
}

type Run = (batch: readonly Operation[]) => readonly Answer[];

/** What may use the reserve: ends of calls, and what makes the system safer. */
const reserved: ReadonlySet<OperationKind> = new Set<OperationKind>([
  "settle",
  "freeze",
  "revokeKey",
  "tend",
  "checkpoint",
  "stop",
]);

/**
 * One transaction for many operations: they share its sync. An operation that is refused leaves
 * nothing behind; where the disk fails, none of them happened.
 */
export function prepareBatch(db: Database.Database, parts: BatchParts): Run {
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const runOne = prepareOne(db, parts);
  const { ledger, signer } = parts;
  return (batch) => {
    const head = ledger.head();
    try {
      begin.run();
      const hasRoom = parts.hasRoom();
      const answers = batch.map((operation) => runOne(operation, hasRoom));
      const signed = sign(signer, batch, answers);
      commit.run();
      signer.committed();
      return signed;
    } catch (error) {
      rollBack(db, parts, head);
      return batch.map(() => unwritable(error));
    }
  };
}

/** The operations that want a checkpoint get the one that covers the whole batch. */
function sign(
  signer: Signer,
  batch: readonly Operation[],
  answers: readonly Answer[],
): readonly Answer[] {
  const at = batch.at(-1)?.at ?? 0;
  const isWanted = batch.some(({ kind }) => kind === "checkpoint" || kind === "stop");
  if (!isWanted && !signer.isDue(at)) return answers;
  const value = signer.sign(at);
  return answers.map((answer, index) =>
    batch[index]?.kind === "checkpoint" ? { kind: "done", value } : answer,
  );
}

function rollBack(db: Database.Database, { ledger, signer }: BatchParts, head: Head): void {
  ledger.rewind(head);
  signer.rolledBack();
  if (db.inTransaction) db.exec("ROLLBACK");
}

function prepareOne(
  db: Database.Database,
  { ledger }: BatchParts,
): (operation: Operation, hasRoom: boolean) => Answer {
  const handlers = prepareHandlers(db, ledger);
  const savepoint = db.prepare("SAVEPOINT operation");
  const release = db.prepare("RELEASE operation");
  const undo = db.prepare("ROLLBACK TO operation");
  return (operation, hasRoom) => {
    const head = ledger.head();
    savepoint.run();
    try {
      if (!hasRoom) checkReserve(operation.kind);
      const value = handle(handlers, operation);
      release.run();
      return { kind: "done", value };
    } catch (error) {
      if (endsBatch(error, db)) throw error;
      undo.run();
      release.run();
      ledger.rewind(head);
      return refusedOrFailed(error);
    }
  };
}

function checkReserve(kind: OperationKind): void {
  if (!reserved.has(kind)) throw new Refusal("RECORD_FULL");
}

function handle(handlers: Handlers, { kind, input, at }: Operation): unknown {
  // Signed at the end of the batch.
  if (kind === "checkpoint") return undefined;
  // `Operation` ties kind and input together; a union of them does not know it.
  return (handlers[kind] as (input: unknown, at: number) => unknown)(input, at);
}

/** A failing disk takes the whole transaction with it; a broken constraint is one caller's bug. */
function endsBatch(error: unknown, db: Database.Database): boolean {
  if (!db.inTransaction) return true;
  return error instanceof Database.SqliteError && !error.code.startsWith("SQLITE_CONSTRAINT");
}

function unwritable(error: unknown): Answer {
  const code: RefusalCode = isFull(error) ? "RECORD_FULL" : "RECORD_UNWRITABLE";
  return refused(new Refusal(code, undefined, { cause: error }));
}

function isFull(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === "SQLITE_FULL";
}

function refusedOrFailed(error: unknown): Answer {
  if (error instanceof Refusal) return refused(error);
  return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
}

function refused({ code, message, ring, retryAfterSeconds }: Refusal): Answer {
  return { kind: "refused", code, detail: message, ring, retryAfterSeconds };
}
