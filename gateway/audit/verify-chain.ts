import type { Database } from "better-sqlite3";
import { canonicalJson } from "../../manifests/canonical.ts";
import type { Digest } from "../../manifests/digest.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import type { Checkpoint } from "../store/store.ts";
import { isSignedCheckpoint } from "./checkpoint.ts";
import { type AuditRecord, hashRecord, noHash } from "./record.ts";
import type { Faults } from "./verify-faults.ts";

export interface RecordRow {
  readonly id: number;
  readonly chain: string;
  readonly sequence: number;
  readonly hash: Digest;
  readonly kind: string;
  readonly call: string | null;
  readonly session: string | null;
  readonly code: string | null;
  readonly text: string;
}

/** One pass over the records of all chains, in the order in which they were committed. */
export interface Walk {
  readonly faults: Faults;
  /** The record of a row; undefined where there is none to be had. */
  step(row: RecordRow): AuditRecord | undefined;
  end(): void;
  chains(): readonly ChainState[];
}

export interface ChainState {
  readonly chain: string;
  readonly writer: string;
  records: number;
  checkpoints: number;
  sequence: number;
  hash: Digest;
  segment: number;
  /** The key that has to sign the next checkpoint. */
  nextPublicKey: string | undefined;
  /** Records since the last checkpoint. */
  unsigned: number;
  provenTo: number;
  /** Whether the key that lies on the disk has been named. */
  isDiskKeyNamed: boolean;
}

export interface WalkOptions {
  readonly faults: Faults;
  /** By writer, the public half of the signing key in the folder. */
  readonly diskKeys: ReadonlyMap<string, string>;
  readonly anchor: Checkpoint | undefined;
}

export function openWalk(db: Database, options: WalkOptions): Walk {
  const { faults } = options;
  const chains = new Map(readChains(db, options).map((state) => [state.chain, state]));
  return {
    faults,
    step(row) {
      const state = chains.get(row.chain);
      if (state !== undefined) return stepChain(row, state, options);
      faults.add({ ...place(row), what: "a record of a chain that no writer has" });
      return undefined;
    },
    end() {
      for (const state of chains.values()) endChain(state, options);
      endAnchor(chains, options);
    },
    chains: () => [...chains.values()],
  };
}

function readChains(db: Database, { diskKeys }: WalkOptions): ChainState[] {
  const writers = db.prepare("SELECT name AS writer, chain FROM writers ORDER BY name").all();
  return (writers as Pick<ChainState, "chain" | "writer">[]).map(({ chain, writer }) => ({
    ...{ chain, writer, records: 0, checkpoints: 0, sequence: 0, hash: noHash, segment: 0 },
    ...{ nextPublicKey: undefined, unsigned: 0, provenTo: 0 },
    isDiskKeyNamed: !diskKeys.has(writer),
  }));
}

function stepChain(
  row: RecordRow,
  state: ChainState,
  options: WalkOptions,
): AuditRecord | undefined {
  const fault = (what: string): void => options.faults.add({ ...place(row), what });
  const record = parseRecord(row);
  if (record === undefined) fault("altered: its text is no record");
  else {
    checkLink(row, record, { state, fault });
    checkColumns(row, record, fault);
    checkSegment(record, { state, fault });
    stepKeys(record, { state, options, fault });
    checkAnchor(row, record, { state, options, fault });
  }
  state.records += 1;
  state.sequence = row.sequence;
  state.hash = row.hash;
  return record;
}

function place({ chain, sequence }: RecordRow): { chain: string; sequence: number } {
  return { chain, sequence };
}

function parseRecord(row: RecordRow): AuditRecord | undefined {
  try {
    const record = JSON.parse(row.text) as AuditRecord | null;
    return typeof record?.content === "object" && record.content !== null ? record : undefined;
  } catch {
    return undefined;
  }
}

interface Context {
  readonly state: ChainState;
  readonly fault: (what: string) => void;
}

function checkLink(row: RecordRow, record: AuditRecord, { state, fault }: Context): void {
  if (hashRecord(record.previous, row.text) !== row.hash) {
    fault("altered: its hash is not that of its text");
  }
  const expected = state.sequence + 1;
  if (row.sequence > expected) {
    fault(`missing before it: records ${expected} to ${row.sequence - 1}`);
  } else if (row.sequence < expected) {
    fault(`out of order: it comes after record ${state.sequence}`);
  } else if (record.previous !== state.hash) {
    fault("altered or inserted: it does not follow the record before it");
  }
}

/** What records are looked up by must be what they say. */
function checkColumns(row: RecordRow, record: AuditRecord, fault: Context["fault"]): void {
  const isSame =
    record.chain === row.chain &&
    record.sequence === row.sequence &&
    record.kind === row.kind &&
    (record.call ?? null) === row.call &&
    (record.session ?? null) === row.session &&
    (record.code ?? null) === row.code;
  if (!isSame) fault("altered: the columns it is found by are not what it says");
}

function checkSegment(record: AuditRecord, { state, fault }: Context): void {
  if (record.writer !== state.writer) fault(`altered: its writer is not \`${state.writer}\``);
  const isStart = record.kind === "writer.start";
  if (record.segment !== state.segment + (isStart ? 1 : 0)) {
    fault(`segment ${record.segment} after segment ${state.segment}: a start is missing`);
  }
  state.segment = record.segment;
}

interface KeyContext extends Context {
  readonly options: WalkOptions;
}

/** The first record names the first key, and every checkpoint the one after its own. */
function stepKeys(record: AuditRecord, { state, options, fault }: KeyContext): void {
  state.unsigned += 1;
  if (record.sequence === 1) state.nextPublicKey = String(record.content["publicKey"]);
  if (record.kind === "checkpoint") {
    const checkpoint = record.content as unknown as Checkpoint;
    checkCheckpoint(record, checkpoint, { state, fault });
    state.nextPublicKey = checkpoint.nextPublicKey;
    state.checkpoints += 1;
    state.unsigned = 0;
  }
  if (state.unsigned === unsignedMost) fault(`no checkpoint in ${unsignedMost} records`);
  state.isDiskKeyNamed ||= state.nextPublicKey === options.diskKeys.get(state.writer);
}

/** One commit is never cut in two: a checkpoint comes at most so many records late. */
const unsignedMost = limits.checkpointRecords + limits.commitQueue + 4 * limits.commitBatch;

function checkCheckpoint(
  record: AuditRecord,
  checkpoint: Checkpoint,
  { state, fault }: Context,
): void {
  const covers =
    checkpoint.chain === record.chain &&
    checkpoint.writer === record.writer &&
    checkpoint.sequence === record.sequence - 1 &&
    checkpoint.hash === record.previous;
  if (!covers) fault("the checkpoint does not cover the record before it");
  if (checkpoint.publicKey !== state.nextPublicKey) {
    fault("the checkpoint is signed by a key that the record does not name");
  }
  if (!isSignedCheckpoint(checkpoint)) fault("the checkpoint's signature is wrong");
}

/** The anchor covers the record before it and is itself the record after. */
function checkAnchor(
  row: RecordRow,
  record: AuditRecord,
  { state, options, fault }: KeyContext,
): void {
  const { anchor } = options;
  if (anchor?.chain !== row.chain || row.sequence !== anchor.sequence + 1) return;
  const isAnchor = canonicalJson(record.content) === canonicalJson({ ...anchor } as JsonObject);
  if (isAnchor && isSignedCheckpoint(anchor)) state.provenTo = anchor.sequence;
  else fault("not the checkpoint that was anchored: the record was rewritten");
}

function endChain(state: ChainState, { faults }: WalkOptions): void {
  if (state.isDiskKeyNamed) return;
  faults.add({
    chain: state.chain,
    sequence: state.sequence,
    what: "cut off after it: the signing key in the folder belongs to a later checkpoint",
  });
}

function endAnchor(chains: ReadonlyMap<string, ChainState>, options: WalkOptions): void {
  const { anchor, faults } = options;
  if (anchor === undefined) return;
  const { chain } = anchor;
  const sequence = chains.get(chain)?.sequence ?? 0;
  if (sequence > anchor.sequence) return;
  const what = `cut off after it: the anchor covers ${anchor.sequence} records and is one itself`;
  faults.add({ chain, sequence, what });
}
