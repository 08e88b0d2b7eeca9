import { setImmediate as nextTurn } from "node:timers/promises";
import Database from "better-sqlite3";
import { openDatabaseReadonly } from "../store/database.ts";
import type { Checkpoint } from "../store/store.ts";
import { readDiskKeys } from "./signing-key.ts";
import { type ChainState, openWalk, type RecordRow, type Walk } from "./verify-chain.ts";
import { prepareFacts } from "./verify-facts.ts";
import { type Fault, type Faults, openFaults } from "./verify-faults.ts";
import { checkSchema, checkTables } from "./verify-tables.ts";

export interface Verification {
  /** No fault in anything that was looked at. Says nothing of a tail that is not proven. */
  readonly verified: boolean;
  readonly records: number;
  readonly chains: readonly ChainVerification[];
  /** What is wrong, as it was found, at most `limits.verifyFaults`. */
  readonly faults: readonly Fault[];
}

export interface ChainVerification {
  readonly chain: string;
  readonly writer: string;
  readonly records: number;
  readonly checkpoints: number;
  readonly lastSequence: number;
  /** The last record that the anchor covers; 0 where there is no anchor for this chain. */
  readonly provenTo: number;
  /** Records after `provenTo` could have been cut off without a trace. */
  readonly tail: "proven" | "not proven";
}

export interface VerifyOptions {
  /** A checkpoint that was kept outside: what it covers cannot have been cut off. */
  readonly anchor?: Checkpoint;
  /** Told now and then how many records have been walked. */
  readonly onProgress?: (records: number) => void;
}

/**
 * Walks every chain of a store, or of a copy of its folder, and holds the tables to it. Reads only;
 * a gateway may go on writing.
 *
 * @throws {Error} one line, where there is no store to read.
 */
export async function verifyRecord(
  folder: string,
  options: VerifyOptions = {},
): Promise<Verification> {
  const db = openDatabaseReadonly(folder);
  const faults = openFaults();
  try {
    // Before the snapshot: a key that is on the disk by now is named in it.
    const diskKeys = readDiskKeys(folder);
    db.exec("BEGIN");
    const walk = openWalk(db, { faults, diskKeys, anchor: options.anchor });
    await walkAll(db, walk, options);
    return conclude(db, walk, faults);
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    faults.add({ what: `the database file is damaged: ${error.message}` });
    return { verified: false, records: 0, chains: [], faults: faults.list() };
  } finally {
    db.close();
  }
}

/** Records read before other work gets its turn. */
const page = 500;

async function walkAll(db: Database.Database, walk: Walk, options: VerifyOptions): Promise<void> {
  const next = db.prepare("SELECT * FROM records WHERE id > ? ORDER BY id LIMIT ?");
  const check = prepareFacts(db, walk.faults);
  for (let last = 0, count = 0; ; await nextTurn()) {
    const rows = next.all(last, page) as RecordRow[];
    for (const row of rows) {
      const record = walk.step(row);
      if (record !== undefined) check.record(record);
    }
    count += rows.length;
    options.onProgress?.(count);
    last = rows.at(-1)?.id ?? last;
    if (rows.length < page) break;
  }
  check.end();
}

function conclude(db: Database.Database, walk: Walk, faults: Faults): Verification {
  walk.end();
  checkTables(db, faults);
  checkSchema(db, faults);
  const chains = walk.chains().map(chainVerification);
  const records = chains.reduce((sum, chain) => sum + chain.records, 0);
  return { verified: faults.list().length === 0, records, chains, faults: faults.list() };
}

function chainVerification(state: ChainState): ChainVerification {
  const { chain, writer, records, checkpoints, provenTo } = state;
  return {
    ...{ chain, writer, records, checkpoints, lastSequence: state.sequence, provenTo },
    // The checkpoint is itself the record after the last one that it covers.
    tail: provenTo > 0 && state.sequence === provenTo + 1 ? "proven" : "not proven",
  };
}
