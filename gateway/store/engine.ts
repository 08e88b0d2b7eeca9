import { statfsSync } from "node:fs";
import { prepareBatch } from "./batch.ts";
import { openDatabase } from "./database.ts";
import type { Answer, Operation } from "./operations.ts";
import { readPayloadKey } from "./sealing.ts";
import { openSigner } from "./signer.ts";
import { claimWriter, takeName, type WriterRole } from "./writers.ts";

/** Everything that writes. Synchronous: it has a thread of its own. */
export interface Engine {
  /** Runs operations in one transaction, each whole or not at all; answers in their order. */
  run(batch: readonly Operation[]): readonly Answer[];
  close(): void;
}

export interface EngineOptions {
  readonly folder: string;
  readonly role: WriterRole;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reserveBytes: number;
  readonly payloadSeconds: number;
}

/** @throws {Error} one line, where the store cannot be opened or is held by another. */
export function openEngine(options: EngineOptions): Engine {
  const { folder, role } = options;
  const db = openDatabase(folder);
  const { name, lock } = takeName(db, folder, role);
  const ledger = claimWriter(db, { ...options, name, payloadKey: readPayloadKey(folder) });
  const signer = openSigner(db, ledger, { folder, openedAt: options.at });
  const hasRoom = (): boolean => freeBytes(folder) >= options.reserveBytes;
  return {
    run: prepareBatch(db, { ledger, signer, hasRoom }),
    close() {
      db.close();
      lock.close();
    },
  };
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
