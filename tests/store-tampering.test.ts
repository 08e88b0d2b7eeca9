import { closeSync, cpSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { type Test, test } from "tap";
import { hashRecord } from "../gateway/audit/record.ts";
import { verifyRecord } from "../gateway/audit/verify.ts";
import { openStore } from "../gateway/store/open-store.ts";
import type { Checkpoint } from "../gateway/store/store.ts";
import {
  sampleApproval,
  sampleIntent,
  sampleKey,
  sampleNow,
  samplePending,
  sampleSession,
  sampleSettlement,
} from "../gateway/store/testing.ts";

const operator = { actor: "key-operator", principal: "olga" };

interface Written {
  readonly folder: string;
  /** A checkpoint that was kept outside; some records come after it. */
  readonly anchor: Checkpoint;
}

/** Some twenty records with everything in them, and three checkpoints. */
async function writeStore(folder: string): Promise<Written> {
  const store = await openStore({ folder, writer: "gateway", now: () => sampleNow });
  await store.sessions.open(sampleSession("s"), sampleKey("token", { session: "s" }), "h");
  const approval = sampleApproval("a", "p", "s");
  await store.calls.settle(samplePending("p", "s", approval));
  await store.approvals.answer("a", "approved", operator);
  await store.record.checkpoint();
  const used = { id: "a", facts: approval.facts };
  await store.calls.admit(sampleIntent("c0", "s", { approval: used }));
  const label = { integrity: "untrusted", confidentiality: "public" } as const;
  await store.calls.settle(sampleSettlement("c0", "s", { result: { label, text: '"x"' } }));
  await store.freezes.freeze({ kind: "tool", id: "other" }, "why", "olga");
  for (const call of ["c1", "c2", "c3"]) {
    await store.calls.admit(sampleIntent(call, "s", { epoch: 2 }));
    await store.calls.settle(sampleSettlement(call, "s"));
  }
  const anchor = await store.record.checkpoint();
  await store.calls.admit(sampleIntent("late", "s", { epoch: 2 }));
  await store.close();
  return { folder, anchor };
}

/** A copy of a store, changed by somebody who can write its file. */
function tamper(t: Test, written: Written, change: (db: Database.Database) => void): string {
  const folder = `${written.folder}-changed`;
  rmSync(folder, { recursive: true, force: true });
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(written.folder, folder, { recursive: true });
  const db = new Database(join(folder, "store.sqlite"));
  change(db);
  db.close();
  return folder;
}

/** What a clever forger does after a change: computes every later hash anew. */
function rehash(db: Database.Database, from: number): void {
  const rows = db.prepare("SELECT id, sequence, hash, text FROM records ORDER BY id").all() as {
    id: number;
    sequence: number;
    hash: string;
    text: string;
  }[];
  let previous = rows.find(({ sequence }) => sequence === from - 1)?.hash ?? "";
  const update = db.prepare("UPDATE records SET hash = ?, text = ? WHERE id = ?");
  for (const { id, text } of rows.filter(({ sequence }) => sequence >= from)) {
    const linked = text.replace(/"previous":"[0-9a-f]{64}"/, `"previous":"${previous}"`);
    previous = hashRecord(previous, linked);
    update.run(previous, linked, id);
  }
}

type Case = readonly [what: string, sql: string, sequence: number | undefined, says: RegExp];

const cases: readonly Case[] = [
  ["a flipped byte in a text", flip("text", 10), 10, /altered: its hash/],
  ["a flipped byte in a hash", flip("hash", 10), 10, /altered: its hash/],
  ["a text that is none", "UPDATE records SET text = '{' WHERE sequence = 10", 10, /no record/],
  ["a changed kind", "UPDATE records SET kind = 'x' WHERE sequence = 10", 10, /columns/],
  ["a changed call", "UPDATE records SET call = 'x' WHERE sequence = 10", 10, /columns/],
  ["a changed session", "UPDATE records SET session = 'x' WHERE sequence = 10", 10, /columns/],
  ["a changed code", "UPDATE records SET code = 'x' WHERE sequence = 10", 10, /columns/],
  ["a changed chain", "UPDATE records SET chain = 'x' WHERE sequence = 10", 10, /no writer has/],
  ["a changed sequence", "UPDATE records SET sequence = 99 WHERE sequence = 10", 99, /missing/],
  ["a dropped record", "DELETE FROM records WHERE sequence = 10", 11, /records 10 to 10/],
  ["a dropped first record", "DELETE FROM records WHERE sequence = 1", 2, /records 1 to 1/],
  ["two swapped records", swap(10, 11), 11, /missing before it/],
  ["the texts of two swapped", swapTexts(10, 11), 10, /altered/],
  ["an inserted record", insert(10), 10, /out of order/],
  ["an inserted record at the end", insert(10, 99), 99, /missing before it/],
  ["a lost grant", "UPDATE calls SET grant_id = 'x' WHERE id = 'c1'", 10, /grant is not/],
  ["a call without its row", "DELETE FROM calls WHERE id = 'c1'", 10, /in no table/],
  ["a call nobody admitted", forgedCall("'g'", "running"), undefined, /without an intent/],
  ["a call that never ended", forgedCall("NULL", "completed"), undefined, /without a record/],
  ["another end", "UPDATE calls SET status = 'refused' WHERE id = 'c1'", 11, /status is not/],
  ["a call moved", "UPDATE calls SET session = 'x' WHERE id = 'c1'", 10, /not the call/],
  ["an approval to use again", "UPDATE approvals SET status = 'approved'", 7, /marked as used/],
  ["a washed session", "UPDATE sessions SET integrity = 0", 8, /label is lower/],
  ["a widened session", "UPDATE sessions SET body = '{}'", 2, /session's row/],
  ["a key for somebody else", "UPDATE keys SET principal = 'eve'", 3, /key's row/],
  ["a key that nobody added", forgedKey(), undefined, /2 keys, but 1 records/],
  ["a thaw without a record", "DELETE FROM freezes", undefined, /frozen/],
  [
    "a planted trigger",
    "CREATE TRIGGER x AFTER INSERT ON calls BEGIN SELECT 1; END",
    undefined,
    /triggers/,
  ],
];

function flip(column: string, sequence: number): string {
  const flipped = `substr(${column}, 1, 60) || CASE substr(${column}, 61, 1) WHEN 'a' THEN 'b' ELSE 'a' END || substr(${column}, 62)`;
  return `UPDATE records SET ${column} = ${flipped} WHERE sequence = ${sequence}`;
}

function swap(a: number, b: number): string {
  const id = (sequence: number): string => `(SELECT id FROM records WHERE sequence = ${sequence})`;
  return `CREATE TEMP TABLE ids AS SELECT ${id(a)} AS a, ${id(b)} AS b;
    UPDATE records SET id = -1 WHERE sequence = ${a};
    UPDATE records SET id = (SELECT a FROM ids) WHERE sequence = ${b};
    UPDATE records SET id = (SELECT b FROM ids) WHERE sequence = ${a};`;
}

function swapTexts(a: number, b: number): string {
  const text = (sequence: number): string =>
    `(SELECT text FROM texts WHERE sequence = ${sequence})`;
  return `CREATE TEMP TABLE texts AS SELECT sequence, text FROM records;
    UPDATE records SET text = ${text(b)} WHERE sequence = ${a};
    UPDATE records SET text = ${text(a)} WHERE sequence = ${b};`;
}

function insert(copied: number, sequence?: number): string {
  const columns = "chain, hash, kind, call, session, code, text";
  const unindexed = sequence === undefined ? "DROP INDEX records_sequence;" : "";
  return `${unindexed} INSERT INTO records (sequence, ${columns})
    SELECT ${sequence ?? copied}, ${columns} FROM records WHERE sequence = ${copied};`;
}

function forgedCall(grant: string, status: string): string {
  return `INSERT INTO calls (id, session, principal, tool, status, started_at, writer, grant_id)
    VALUES ('x', 's', 'agent-one', 't', '${status}', 1, 'gateway', ${grant})`;
}

function forgedKey(): string {
  return `INSERT INTO keys (id, kind, hash, principal, created_at)
    VALUES ('x', 'operator', 'x', 'eve', 1)`;
}

test("an untouched store verifies, with and without an anchor", async (t) => {
  const { folder, anchor } = await writeStore(t.testdir());
  const alone = await verifyRecord(folder);
  t.match(alone, { verified: true, faults: [], chains: [{ provenTo: 0, tail: "not proven" }] });
  t.equal(alone.chains[0]?.checkpoints, 3);
  const anchored = await verifyRecord(folder, { anchor });
  t.match(anchored, {
    verified: true,
    chains: [{ provenTo: anchor.sequence, tail: "not proven" }],
  });
});

test("a record that ends with the anchor is proven to its end", async (t) => {
  const folder = t.testdir();
  const store = await openStore({ folder, writer: "gateway", now: () => sampleNow });
  t.teardown(() => store.close());
  await store.record.append({ kind: "door" });
  const anchor = await store.record.checkpoint();
  t.match(await verifyRecord(folder, { anchor }), { chains: [{ tail: "proven" }] });
});

test("every kind of tampering is found, and the record is named", async (t) => {
  const written = await writeStore(t.testdir());
  for (const [what, sql, sequence, says] of cases) {
    const { verified, faults } = await verifyRecord(tamper(t, written, (db) => db.exec(sql)));
    t.equal(verified, false, what);
    const found = faults.some((fault) => fault.sequence === sequence && says.test(fault.what));
    t.ok(found, `${what}: ${JSON.stringify(faults.slice(0, 3))}`);
  }
});

test("a forger who computes all hashes anew fails at the next checkpoint's signature", async (t) => {
  const written = await writeStore(t.testdir());
  const folder = tamper(t, written, (db) => {
    db.exec(`UPDATE records SET text = replace(text, '"ms":1', '"ms":2') WHERE sequence = 10`);
    rehash(db, 10);
  });
  const { verified, faults } = await verifyRecord(folder);
  t.equal(verified, false);
  const what = /does not cover the record before it/;
  t.match(faults, [
    { sequence: 16, what },
    { sequence: 19, what },
  ]);
});

test("a replaced signature is found", async (t) => {
  const written = await writeStore(t.testdir());
  const folder = tamper(t, written, (db) => {
    db.exec(
      `UPDATE records SET text = replace(text, '"signature":"', '"signature":"AAAA') WHERE sequence = 16`,
    );
    rehash(db, 16);
  });
  t.match((await verifyRecord(folder)).faults, [{ sequence: 16, what: /signature is wrong/ }]);
});

test("a checkpoint signed by a key of the forger's own is found", async (t) => {
  const written = await writeStore(t.testdir());
  const folder = tamper(t, written, (db) => {
    db.exec(
      `UPDATE records SET text = replace(text, '"publicKey":"', '"publicKey":"x') WHERE sequence = 16`,
    );
    rehash(db, 16);
  });
  const { faults } = await verifyRecord(folder);
  t.match(faults[0], { sequence: 16, what: /a key that the record does not name/ });
});

test("a tail cut off before the anchor is found, and one behind it is not proven", async (t) => {
  const written = await writeStore(t.testdir());
  const cutAfter = (last: number): string =>
    tamper(t, written, (db) => {
      db.exec(`DELETE FROM calls WHERE id = 'late'; DELETE FROM records WHERE sequence > ${last}`);
      db.exec(
        "UPDATE calls SET status = 'running' WHERE id = 'c3' AND NOT EXISTS (SELECT 1 FROM records WHERE call = 'c3' AND kind = 'end')",
      );
    });
  const { anchor } = written;
  const before = await verifyRecord(cutAfter(anchor.sequence - 1), { anchor });
  t.match(before.faults, [{}, { sequence: anchor.sequence - 1, what: /cut off.*anchor/ }]);
  const forgotten = cutAfter(anchor.sequence + 1);
  rmSync(join(forgotten, "gateway.key"));
  t.match(await verifyRecord(forgotten, { anchor }), {
    verified: true,
    chains: [{ provenTo: anchor.sequence, tail: "proven" }],
  });
});

test("a tail cut off with a checkpoint in it is found by the key that lies in the folder", async (t) => {
  const written = await writeStore(t.testdir());
  const folder = tamper(t, written, (db) => {
    db.exec("DELETE FROM records WHERE sequence > 17");
  });
  const { verified, faults } = await verifyRecord(folder);
  t.equal(verified, false);
  t.match(faults, [{ sequence: 17, what: /cut off after it: the signing key/ }]);
});

test("a whole chain that was replaced is found against the anchor", async (t) => {
  const written = await writeStore(t.testdir());
  const other = await writeStore(`${written.folder}-other`);
  t.teardown(() => rmSync(other.folder, { recursive: true }));
  const { faults } = await verifyRecord(other.folder, { anchor: written.anchor });
  t.match(faults, [{ chain: written.anchor.chain, what: /cut off/ }]);
});

test("a file with damaged pages, and one that is none, are told apart from a good one", async (t) => {
  const written = await writeStore(t.testdir());
  const folder = tamper(t, written, () => undefined);
  const file = openSync(join(folder, "store.sqlite"), "r+");
  writeSync(file, Buffer.alloc(16_384, 0xff), 0, 16_384, 4_096);
  closeSync(file);
  t.equal((await verifyRecord(folder)).verified, false);
  writeFileSync(join(folder, "store.sqlite"), "no database at all, but long enough to look at");
  await t.rejects(verifyRecord(folder), /not a store of Ringward/);
  await t.rejects(verifyRecord(join(folder, "none")), /there is no store/);
});
