import { type ApprovalReads, prepareApprovalReads } from "./approval-reads.ts";
import { type CallReads, prepareCallReads } from "./call-reads.ts";
import { openDatabaseReadonly } from "./database.ts";
import { type FileReads, prepareFileReads } from "./file-reads.ts";
import { prepareFreezeList } from "./freeze-reads.ts";
import { type KeyReads, prepareKeyReads } from "./key-reads.ts";
import { preparePayloadReader } from "./payload-reads.ts";
import { readPayloadKey } from "./sealing.ts";
import { prepareSessionReads, type SessionReads } from "./session-reads.ts";
import type { Frozen } from "./store.ts";
import { prepareTokenReads, type TokenReads } from "./token-reads.ts";
import { prepareWithheldReads, type WithheldReads } from "./withheld-reads.ts";

/**
 * Reads beside the thread that writes, from what is committed: nothing is cached, for other
 * processes write too.
 */
export interface Reads {
  readonly keys: KeyReads;
  readonly sessions: SessionReads;
  readonly calls: CallReads;
  readonly approvals: ApprovalReads;
  readonly withheld: WithheldReads;
  readonly tokens: TokenReads;
  readonly files: FileReads;
  readonly freezes: () => readonly Frozen[];
  close(): void;
}

export function openReads(folder: string, now: () => number): Reads {
  const db = openDatabaseReadonly(folder);
  const read = preparePayloadReader(db, { key: readPayloadKey(folder), now });
  return {
    keys: prepareKeyReads(db),
    sessions: prepareSessionReads(db, read),
    calls: prepareCallReads(db, read),
    approvals: prepareApprovalReads(db, { read, now }),
    withheld: prepareWithheldReads(db, { read, now }),
    tokens: prepareTokenReads(db, read),
    files: prepareFileReads(db),
    freezes: prepareFreezeList(db),
    close: () => db.close(),
  };
}
