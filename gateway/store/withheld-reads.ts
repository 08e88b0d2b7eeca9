import type { Database } from "better-sqlite3";
import { limits } from "../../manifests/limits.ts";
import type { ReadOptions } from "./approval-reads.ts";
import { type LabelColumns, labelOf } from "./labels.ts";
import type { Withheld } from "./withheld.ts";

export interface WithheldReads {
  find(id: string): (Withheld & { readonly output?: string }) | undefined;
  list(): readonly Withheld[];
}

/** Nothing writes that a reference has expired: it is so from that moment on. */
const current = `SELECT *, CASE WHEN status = 'held' AND expires_at <= :now THEN 'expired'
    ELSE status END AS standing FROM withheld`;

export function prepareWithheldReads(db: Database, { read, now }: ReadOptions): WithheldReads {
  const find = db.prepare(`${current} WHERE id = :id`);
  const list = db.prepare(`${current} ORDER BY sequence DESC LIMIT :limit`);
  return {
    find(id) {
      const row = find.get({ id, now: now() }) as Row | undefined;
      if (row === undefined) return undefined;
      const output = read(row.output);
      return { ...withheldOf(row), ...(output !== undefined && { output }) };
    },
    list: () => (list.all({ now: now(), limit: limits.listRows }) as Row[]).map(withheldOf),
  };
}

interface Row extends LabelColumns {
  readonly id: string;
  readonly call: string;
  readonly session: string;
  readonly principal: string;
  readonly tool: string;
  readonly because: string;
  readonly bytes: number;
  readonly held_at: number;
  readonly expires_at: number;
  readonly standing: Withheld["status"];
  readonly answered_by: string | null;
  readonly output: number;
}

function withheldOf(row: Row): Withheld {
  const { id, call, session, principal, tool, bytes } = row;
  return {
    ...{ id, call, session, principal, tool, bytes, label: labelOf(row) },
    because: JSON.parse(row.because) as string[],
    heldAt: row.held_at,
    expiresAt: row.expires_at,
    status: row.standing,
    ...(row.answered_by !== null && { answeredBy: row.answered_by }),
  };
}
