import type { Database } from "better-sqlite3";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { signCheckpoint } from "../audit/checkpoint.ts";
import { adoptNextKey, readNamedKey, type SigningKey, writeNextKey } from "../audit/signing-key.ts";
import type { Ledger } from "./ledger.ts";
import type { Checkpoint } from "./store.ts";

/** Signs checkpoints of one chain. At most one in a transaction, as the last thing in it. */
export interface Signer {
  /** Whether `limits` ask for a checkpoint now. */
  isDue(at: number): boolean;
  /** The newest checkpoint where it covers the last record, else a new one. */
  sign(at: number): Checkpoint;
  /** After the commit: erases the key that signed. */
  committed(): void;
  rolledBack(): void;
}

export interface SignerOptions {
  readonly folder: string;
  /** When the writer was opened: a checkpoint comes due from then on. */
  readonly openedAt: number;
}

interface State {
  readonly newest: Checkpoint | undefined;
  readonly key: SigningKey;
}

export function openSigner(db: Database, ledger: Ledger, options: SignerOptions): Signer {
  const { folder } = options;
  const { name } = ledger.writer;
  let state = readState(db, folder, ledger);
  let signed: State | undefined;
  // Kept over a failed commit: should that commit turn out to be on the disk, it names this key.
  let next: SigningKey | undefined;
  let toAdopt = false;
  const adopt = (): void => {
    if (toAdopt) adoptNextKey(folder, name);
    toAdopt = false;
  };
  return {
    isDue(at) {
      const count = uncovered(state.newest, ledger.head().sequence);
      const since = Math.max(options.openedAt, state.newest?.at ?? 0);
      return count >= limits.checkpointRecords || (count > 0 && at - since >= limits.checkpointMs);
    },
    sign(at) {
      if (state.newest && uncovered(state.newest, ledger.head().sequence) === 0) {
        return state.newest;
      }
      adopt();
      next ??= writeNextKey(folder, name);
      const checkpoint = appendCheckpoint({ ledger, at }, state.key, next);
      signed = { newest: checkpoint, key: next };
      return checkpoint;
    },
    committed() {
      if (signed === undefined) return;
      state = signed;
      signed = next = undefined;
      toAdopt = true;
      // What fails here is done before the next signature; until then both files are there.
      attempt(adopt);
    },
    rolledBack() {
      signed = undefined;
    },
  };
}

/** A checkpoint is the record after the one that it covers. */
function uncovered(newest: Checkpoint | undefined, sequence: number): number {
  return sequence - (newest === undefined ? 0 : newest.sequence + 1);
}

function appendCheckpoint(
  { ledger, at }: { readonly ledger: Ledger; readonly at: number },
  key: SigningKey,
  next: SigningKey,
): Checkpoint {
  const { chain, name: writer } = ledger.writer;
  const keys = { publicKey: key.publicKey, nextPublicKey: next.publicKey };
  const statement = { chain, writer, ...ledger.head(), at, ...keys };
  const checkpoint = signCheckpoint(statement, key.privateKey);
  ledger.append({ at, kind: "checkpoint", content: { ...checkpoint } });
  return checkpoint;
}

function readState(db: Database, folder: string, ledger: Ledger): State {
  const { chain, name } = ledger.writer;
  const newest = readNewest(db, chain);
  const named = newest?.nextPublicKey ?? readFirstPublicKey(db, chain);
  return { newest, key: readNamedKey(folder, name, named) };
}

function readNewest(db: Database, chain: string): Checkpoint | undefined {
  const text = db
    .prepare(
      "SELECT text FROM records WHERE chain = ? AND kind = 'checkpoint' ORDER BY sequence DESC LIMIT 1",
    )
    .pluck()
    .get(chain) as string | undefined;
  if (text === undefined) return undefined;
  return (JSON.parse(text) as { content: Checkpoint }).content;
}

/** The first record of a chain names the key of its first checkpoint. */
function readFirstPublicKey(db: Database, chain: string): string {
  const text = db
    .prepare("SELECT text FROM records WHERE chain = ? AND sequence = 1")
    .pluck()
    .get(chain) as string;
  return String((JSON.parse(text) as { content: JsonObject }).content["publicKey"]);
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // Tried again by whoever needs it done.
  }
}
