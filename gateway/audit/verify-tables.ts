import Database from "better-sqlite3";
import { recordedRanks, schema, treeOfAll } from "../store/schema.ts";
import type { Faults } from "./verify-faults.ts";

/**
 * Each query finds what stands in a table without its record, or twice. Records stand in `records`
 * under columns that have been held to their text.
 */
const questions: readonly (readonly [what: string, query: string])[] = [
  [
    "has more than one record of a kind",
    `SELECT call FROM records WHERE call IS NOT NULL AND kind IN ('intent', 'end')
     GROUP BY call, kind HAVING count(*) > 1`,
  ],
  [
    "was admitted without an intent",
    `SELECT id FROM calls WHERE grant_id IS NOT NULL AND NOT EXISTS
       (SELECT 1 FROM records WHERE call = calls.id AND kind = 'intent')`,
  ],
  [
    "ended without a record of its end",
    `SELECT id FROM calls WHERE status <> 'running' AND NOT EXISTS
       (SELECT 1 FROM records WHERE call = calls.id AND kind = 'end')`,
  ],
];

/** The last record of each path and content, as a row of the table. */
const recordedFiles = `SELECT path, content, folder, integrity <> 'trusted',
    CASE confidentiality WHEN 'public' THEN 0 WHEN 'internal' THEN 1 ELSE 2 END FROM (
  SELECT max(id), text ->> '$.content.path' AS path, text ->> '$.content.content' AS content,
    text ->> '$.content.folder' AS folder, text ->> '$.content.label.integrity' AS integrity,
    text ->> '$.content.label.confidentiality' AS confidentiality
  FROM records WHERE kind = 'file.write' GROUP BY 2, 3)`;
const files = "SELECT path, content, folder, integrity, confidentiality FROM files";

/** What the records say of all paths and folders, and nothing but that. */
const recordedTrees = `SELECT each.value, ${recordedRanks}
  FROM records, json_each(text, '$.content.trees') AS each WHERE kind = 'file.write' GROUP BY 1
  UNION ALL ${treeOfAll}`;
const trees = "SELECT path, integrity, confidentiality FROM trees";

const counts: readonly (readonly [table: string, rows: string, kind: string])[] = [
  ["keys", "keys", "key.add"],
  ["revoked keys", "keys WHERE revoked_at IS NOT NULL", "key.revoke"],
  ["sessions", "sessions", "session.open"],
];

/** Holds the tables to the records where one record alone cannot tell. */
export function checkTables(db: Database.Database, faults: Faults): void {
  checkFiles(db, faults);
  for (const [what, query] of questions) {
    for (const call of db.prepare(`${query} LIMIT 10`).pluck().all()) {
      faults.add({ what: `call \`${call}\` ${what}` });
    }
  }
  for (const [table, rows, kind] of counts) {
    const inTable = db.prepare(`SELECT count(*) FROM ${rows}`).pluck().get();
    const count = "SELECT count(*) FROM records WHERE kind = ?";
    const recorded = db.prepare(count).pluck().get(kind);
    if (inTable !== recorded) {
      faults.add({ what: `${inTable} ${table}, but ${recorded} records of \`${kind}\`` });
    }
  }
}

/** A file's label that nobody wrote down, or one that was lost. */
function checkFiles(db: Database.Database, faults: Faults): void {
  for (const [left, right] of [
    [files, recordedFiles],
    [recordedFiles, files],
    [trees, recordedTrees],
    [recordedTrees, trees],
  ] as const) {
    const differs = db.prepare(`SELECT 1 FROM (${left} EXCEPT ${right}) LIMIT 1`).get();
    if (differs === undefined) continue;
    faults.add({ what: "labels of files are not those that the record gave them" });
    return;
  }
}

/** A trigger or a view could show other rows than there are. */
export function checkSchema(db: Database.Database, faults: Faults): void {
  const query = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
  const model = new Database(":memory:");
  model.exec(schema);
  const expected = JSON.stringify(model.prepare(query).all());
  model.close();
  if (JSON.stringify(db.prepare(query).all()) !== expected) {
    faults.add({ what: "the database's tables, indexes or triggers are not those of a store" });
  }
}
