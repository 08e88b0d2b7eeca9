import { randomUUID } from "node:crypto";
import { join } from "node:path";
import Database from "better-sqlite3";
import { canonicalJson } from "../../manifests/canonical.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { refusalEntry } from "../../manifests/refusals.ts";
import { writeNextKey } from "../audit/signing-key.ts";
import { type Ledger, openLedger, type Writer } from "./ledger.ts";

/** Who wants to write: the one gateway of a store, or one of several command lines. */
export type WriterRole = "gateway" | "cli";

/** A writer's name, held until the lock is closed or the process ends in whatever way. */
export interface HeldName {
  readonly name: string;
  readonly lock: Database.Database;
}

/**
 * Takes the name of a writer by a lock that the system releases when the process dies. A process id
 * in a row could not do that: another container has the same ids.
 *
 * @throws {Error} one line, where a live process holds it.
 */
export function takeName(db: Database.Database, folder: string, role: WriterRole): HeldName {
  for (const name of namesOf(role)) {
    const lock = tryLock(join(folder, `${name}.lock`));
    if (lock !== undefined) return { name, lock };
  }
  const pid = db.prepare("SELECT pid FROM writers WHERE name = ?").pluck().get(role);
  const mend = "stop it, or use another state folder";
  throw new Error(
    role === "gateway"
      ? `${folder}: a running gateway, process ${pid}, holds this store (${mend})`
      : `${folder}: ${limits.cliWriters} command lines write to this store (wait for one to end)`,
  );
}

function namesOf(role: WriterRole): readonly string[] {
  if (role === "gateway") return [role];
  return Array.from({ length: limits.cliWriters }, (_, i) => (i === 0 ? role : `${role}-${i + 1}`));
}

function tryLock(file: string): Database.Database | undefined {
  const lock = new Database(file, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Database.SqliteError && error.code === "SQLITE_BUSY") return undefined;
    throw error;
  }
}

export interface ClaimOptions {
  readonly folder: string;
  readonly name: string;
  readonly at: number;
  readonly payloadKey: Buffer;
  readonly payloadSeconds: number;
}

/**
 * Begins a segment of the writer's chain, and ends as `unknown` what this writer admitted and never
 * settled: it may have had its effect, so it is never run again.
 */
export function claimWriter(db: Database.Database, options: ClaimOptions): Ledger {
  return db
    .transaction(() => {
      const writer = beginSegment(db, options.name);
      const ledger = openLedger(db, { ...options, writer });
      appendStart(ledger, options);
      endUnsettled(db, ledger, options.at);
      return ledger;
    })
    .immediate();
}

export function releaseWriter(db: Database.Database, writer: Writer): void {
  db.prepare("UPDATE writers SET pid = NULL WHERE name = ?").run(writer.name);
}

function beginSegment(db: Database.Database, name: string): Writer {
  const chain = `chain_${randomUUID()}`;
  return db
    .prepare(
      `INSERT INTO writers (name, chain, segment, pid) VALUES (?, ?, 1, ?)
       ON CONFLICT DO UPDATE SET segment = segment + 1, pid = excluded.pid
       RETURNING name, chain, segment`,
    )
    .get(name, chain, process.pid) as Writer;
}

/** Only a chain's first record names a key; from then on each checkpoint names the next. */
function appendStart(ledger: Ledger, { folder, name, at }: ClaimOptions): void {
  const isFirst = ledger.head().sequence === 0;
  const content = {
    pid: process.pid,
    ...(isFirst && { publicKey: writeNextKey(folder, name).publicKey }),
  };
  ledger.append({ at, kind: "writer.start", content });
}

interface UnsettledRow {
  readonly id: string;
  readonly session: string;
  readonly tool: string;
  readonly started_at: number;
}

function endUnsettled(db: Database.Database, ledger: Ledger, at: number): void {
  const rows = db
    .prepare(
      "SELECT id, session, tool, started_at FROM calls WHERE status = 'running' AND writer = ?",
    )
    .all(ledger.writer.name) as UnsettledRow[];
  const end = db.prepare(
    "UPDATE calls SET status = 'unknown', ended_at = ?, answer = ? WHERE id = ?",
  );
  for (const row of rows) {
    const written = ledger.append({
      at,
      kind: "end",
      call: row.id,
      session: row.session,
      code: "OUTCOME_UNKNOWN",
      payloads: { answer: canonicalJson(unknownAnswer(row, at)) },
      content: { status: "unknown", tool: row.tool, admitted: true },
    });
    end.run(at, written["answer"], row.id);
  }
}

function unknownAnswer(row: UnsettledRow, at: number): JsonObject {
  const code = "OUTCOME_UNKNOWN";
  const { ring, says, mend } = refusalEntry(code);
  const ms = Math.max(0, at - row.started_at);
  return { status: "unknown", id: row.id, tool: row.tool, code, ring, detail: says, mend, ms };
}
