import type { Database } from "better-sqlite3";
import { canonicalJson } from "../../manifests/canonical.ts";
import type { Digest } from "../../manifests/digest.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { type AuditRecord, hashRecord, noHash, type RecordKind } from "../audit/record.ts";
import { openSealer, type Sealed, type Sealer } from "./sealing.ts";

/** The one place that writes records: it adds the chain's fields and sets the payloads beside. */
export interface Ledger {
  readonly writer: Writer;
  /** The last link, written or about to be committed. */
  head(): Head;
  /** Returns to an earlier head, after what came since has been rolled back. */
  rewind(head: Head): void;
  append(draft: Draft): Written;
}

export interface Writer {
  readonly name: string;
  readonly chain: string;
  readonly segment: number;
}

export interface Head {
  readonly sequence: number;
  readonly hash: Digest;
}

export interface Draft {
  readonly at: number;
  readonly kind: RecordKind;
  readonly by?: string | undefined;
  readonly call?: string | undefined;
  readonly session?: string | undefined;
  readonly code?: string | undefined;
  /** Texts by name, to stand beside the record. */
  readonly payloads?: Readonly<Record<string, string>>;
  readonly content: JsonObject;
  readonly details?: JsonObject;
}

/** The ids of the payloads, by name. */
export type Written = Readonly<Record<string, number>>;

export interface LedgerOptions {
  readonly writer: Writer;
  readonly payloadKey: Buffer;
  readonly payloadSeconds: number;
}

export function openLedger(db: Database, options: LedgerOptions): Ledger {
  const insert = prepareInserts(db);
  const seal = openSealer(options.payloadKey);
  let head = readHead(db, options.writer.chain);
  return {
    writer: options.writer,
    head: () => head,
    rewind(earlier) {
      head = earlier;
    },
    append(draft) {
      const link = linkRecord({ head, writer: options.writer, seal }, draft);
      const record = insert.record(link, draft);
      head = { sequence: head.sequence + 1, hash: link.hash };
      return insert.payloads(link.payloads, {
        record,
        expiresAt: draft.at + options.payloadSeconds * 1000,
      });
    },
  };
}

function readHead(db: Database, chain: string): Head {
  const last = db
    .prepare("SELECT sequence, hash FROM records WHERE chain = ? ORDER BY sequence DESC LIMIT 1")
    .get(chain) as Head | undefined;
  return last ?? { sequence: 0, hash: noHash };
}

interface Link {
  readonly chain: string;
  readonly sequence: number;
  readonly hash: Digest;
  readonly text: string;
  readonly payloads: readonly (readonly [name: string, sealed: Sealed])[];
}

interface Place {
  readonly head: Head;
  readonly writer: Writer;
  readonly seal: Sealer;
}

/**
 * Details that would make the record larger than `limits.recordBytes` stands beside it as a
 * payload: a record is never cut, and the end of a call never refused for its size.
 */
function linkRecord(place: Place, draft: Draft): Link {
  const link = linkOnce(place, draft);
  const { details, ...rest } = draft;
  if (details === undefined || Buffer.byteLength(link.text) <= limits.recordBytes) return link;
  const payloads = { ...draft.payloads, details: canonicalJson(details) };
  return linkOnce(place, { ...rest, payloads });
}

function linkOnce(place: Place, draft: Draft): Link {
  const { head, writer } = place;
  const payloads = Object.entries(draft.payloads ?? {}).map(
    ([name, text]) => [name, place.seal(text)] as const,
  );
  const text = canonicalJson(
    recordOf(place, {
      ...draft,
      payloads: Object.fromEntries(payloads.map(([name, sealed]) => [name, sealed.commitment])),
    }),
  );
  const hash = hashRecord(head.hash, text);
  return { chain: writer.chain, sequence: head.sequence + 1, hash, text, payloads };
}

type Committed = Omit<Draft, "payloads"> & { readonly payloads: Record<string, Digest> };

function recordOf({ head, writer }: Place, draft: Committed): JsonObject {
  const record: AuditRecord = {
    chain: writer.chain,
    writer: writer.name,
    segment: writer.segment,
    sequence: head.sequence + 1,
    previous: head.hash,
    at: draft.at,
    kind: draft.kind,
    ...(draft.by !== undefined && { by: draft.by }),
    ...(draft.call !== undefined && { call: draft.call }),
    ...(draft.session !== undefined && { session: draft.session }),
    ...(draft.code !== undefined && { code: draft.code }),
    ...(Object.keys(draft.payloads).length > 0 && { payloads: draft.payloads }),
    content: draft.content,
    ...(draft.details !== undefined && { details: draft.details }),
  };
  return record as unknown as JsonObject;
}

interface Inserts {
  record(link: Link, draft: Draft): number;
  payloads(payloads: Link["payloads"], of: { record: number; expiresAt: number }): Written;
}

function prepareInserts(db: Database): Inserts {
  const record = db.prepare(
    "INSERT INTO records (chain, sequence, hash, kind, call, session, code, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const payload = db.prepare(
    "INSERT INTO payloads (record, name, commitment, expires_at, sealed) VALUES (?, ?, ?, ?, ?)",
  );
  return {
    record({ chain, sequence, hash, text }, { kind, call, session, code }) {
      const place = [call ?? null, session ?? null, code ?? null];
      return Number(record.run(chain, sequence, hash, kind, ...place, text).lastInsertRowid);
    },
    payloads(payloads, of) {
      const ids: Record<string, number> = {};
      for (const [name, { commitment, bytes }] of payloads) {
        const { lastInsertRowid } = payload.run(of.record, name, commitment, of.expiresAt, bytes);
        ids[name] = Number(lastInsertRowid);
      }
      return ids;
    },
  };
}
