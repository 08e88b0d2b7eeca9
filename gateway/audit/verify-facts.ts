import type { Database } from "better-sqlite3";
import { digestParts } from "../../manifests/digest.ts";
import type { JsonObject } from "../../manifests/json.ts";
import type { AuditRecord, RecordKind } from "./record.ts";
import { type Check, prepareEnd, prepareIntent } from "./verify-calls.ts";
import type { Faults } from "./verify-faults.ts";

/** Holds the tables to the records, one record at a time. */
export interface Facts {
  record(record: AuditRecord): void;
  end(): void;
}

export function prepareFacts(db: Database, faults: Faults): Facts {
  const freezes = openFreezes(db);
  const checks = new Map<RecordKind, Check>([
    ["intent", prepareIntent(db)],
    ["end", prepareEnd(db)],
    ["key.add", prepareKey(db)],
    ["session.open", prepareSession(db)],
    ["freeze", freezes.record],
    ["thaw", freezes.record],
  ]);
  return {
    record(record) {
      const what = checks.get(record.kind)?.(record);
      if (what === undefined) return;
      faults.add({ chain: record.chain, sequence: record.sequence, what });
    },
    end() {
      const what = freezes.end();
      if (what !== undefined) faults.add({ what });
    },
  };
}

function prepareKey(db: Database): Check {
  const find = db.prepare("SELECT kind, hash, principal FROM keys WHERE id = ?");
  return ({ content }) => {
    const row = find.get(content["key"]) as JsonObject | undefined;
    const names = ["kind", "hash", "principal"];
    const isSame = row !== undefined && names.every((name) => row[name] === content[name]);
    return isSame ? undefined : "the key's row is not the key that was added";
  };
}

function prepareSession(db: Database): Check {
  const find = db.prepare("SELECT body FROM sessions WHERE id = ?").pluck();
  return ({ session, content }) => {
    const body = find.get(session);
    const isSame = typeof body === "string" && digestParts("session", [body]) === content["body"];
    return isSame ? undefined : "the session's row is not the session that was opened";
  };
}

/** Plays freezes and thaws again, and compares what is frozen at the end. */
function openFreezes(db: Database): { record: Check; end(): string | undefined } {
  const frozen = new Set<string>();
  return {
    record({ kind, content }) {
      const name = `${content["kind"]} ${content["id"]}`;
      if (kind === "freeze") frozen.add(name);
      else frozen.delete(name);
      return undefined;
    },
    end() {
      const rows = db.prepare("SELECT kind || ' ' || id FROM freezes").pluck().all() as string[];
      const isSame = rows.length === frozen.size && rows.every((row) => frozen.has(row));
      return isSame ? undefined : "what is frozen is not what the record froze";
    },
  };
}
