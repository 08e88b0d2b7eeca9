import Database from "better-sqlite3";
import { type Test, test } from "tap";
import { verifyRecord } from "../gateway/audit/verify.ts";
import { prepareBatch } from "../gateway/store/batch.ts";
import { openDatabase } from "../gateway/store/database.ts";
import type { Answer, Operation } from "../gateway/store/operations.ts";
import { readPayloadKey } from "../gateway/store/sealing.ts";
import { openSigner } from "../gateway/store/signer.ts";
import {
  sampleApproval,
  sampleIntent,
  sampleKey,
  sampleNow,
  samplePending,
  sampleSession,
  sampleSettlement,
} from "../gateway/store/testing.ts";
import { claimWriter } from "../gateway/store/writers.ts";

/** The next statement to fail, counted from now; none at 0. */
interface Disk {
  failAt: number;
  hasRoom: boolean;
}

interface Writing {
  readonly folder: string;
  readonly db: Database.Database;
  readonly disk: Disk;
  readonly run: (batch: readonly Operation[]) => readonly Answer[];
}

/** What the store's thread does, without the thread, on a disk that fails when it is told to. */
function openWriting(t: Test): Writing {
  const folder = t.testdir();
  const db = openDatabase(folder);
  t.teardown(() => db.close());
  const disk: Disk = { failAt: 0, hasRoom: true };
  const claim = { folder, name: "gateway", at: sampleNow, payloadSeconds: 60 };
  const ledger = claimWriter(db, { ...claim, payloadKey: readPayloadKey(folder) });
  const signer = openSigner(db, ledger, { folder, openedAt: sampleNow });
  const hasRoom = (): boolean => disk.hasRoom;
  const run = prepareBatch(failing(db, disk), { ledger, signer, hasRoom });
  return { folder, db, disk, run };
}

function failing(db: Database.Database, disk: Disk): Database.Database {
  const prepare = (sql: string): Database.Statement => failingStatement(db.prepare(sql), disk);
  return new Proxy(db, {
    get: (_, name) => {
      const value = Reflect.get(db, name, db);
      if (name === "prepare") return prepare;
      return typeof value === "function" ? value.bind(db) : value;
    },
  });
}

function failingStatement(statement: Database.Statement, disk: Disk): Database.Statement {
  return new Proxy(statement, {
    get: (_, name, proxy) => {
      const method = Reflect.get(statement, name, statement);
      if (typeof method !== "function") return method;
      return (...input: unknown[]) => {
        if (name === "run" || name === "get" || name === "all") countDown(disk);
        const value = method.apply(statement, input);
        return value === statement ? proxy : value;
      };
    },
  });
}

function countDown(disk: Disk): void {
  if (disk.failAt === 0) return;
  disk.failAt -= 1;
  if (disk.failAt === 0) throw new Database.SqliteError("disk I/O error", "SQLITE_IOERR");
}

const by = { actor: "key-operator", principal: "olga" };
const approval = sampleApproval("a", "p", "s");
const pending = samplePending("p", "s", approval);
const use = { approval: { id: "a", facts: approval.facts } };

/** A batch with each kind of operation that a call goes through. */
const batch: readonly Operation[] = [
  {
    kind: "openSession",
    at: sampleNow,
    input: { session: sampleSession("s"), token: sampleKey("k", { session: "s" }), by: "h" },
  },
  { kind: "settle", at: sampleNow, input: pending },
  { kind: "answerApproval", at: sampleNow, input: { id: "a", answer: "approved", by } },
  { kind: "admit", at: sampleNow, input: sampleIntent("c", "s", use) },
  { kind: "settle", at: sampleNow, input: sampleSettlement("c", "s") },
  { kind: "checkpoint", at: sampleNow, input: null },
];

function rowsOf(db: Database.Database): readonly unknown[] {
  const tables = [
    "records",
    "payloads",
    "keys",
    "sessions",
    "log",
    "tool_use",
    "calls",
    "approvals",
  ];
  return tables.map((table) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
}

test("whichever statement fails, nothing of its batch has happened", async (t) => {
  const { folder, db, disk, run } = openWriting(t);
  const before = rowsOf(db);
  let failed = 0;
  for (;;) {
    disk.failAt = failed + 1;
    const answers = run(batch);
    if (disk.failAt > 0) break;
    failed += 1;
    const isRefused = answers.every(
      (answer) => answer.kind === "refused" && answer.code === "RECORD_UNWRITABLE",
    );
    if (!isRefused) t.fail(`statement ${failed}: ${JSON.stringify(answers)}`);
    t.strictSame(rowsOf(db), before, `statement ${failed}`);
  }
  t.ok(failed > 30, `${failed} statements failed in turn; then the same batch was written`);
  disk.failAt = 0;
  t.match(await verifyRecord(folder), { verified: true, faults: [] });
});

test("a full disk refuses, and after there is room again it works", async (t) => {
  const { folder, db, run } = openWriting(t);
  const pages = Number(db.pragma("page_count", { simple: true }));
  db.pragma(`max_page_count = ${pages}`);
  const events = Array.from({ length: 20 }, (_, n) => ({
    ...{ kind: "appendEvent", at: sampleNow, input: { kind: "door", n, text: "x".repeat(4_000) } },
  })) as Operation[];
  const before = rowsOf(db);
  t.match(run(events), [{ kind: "refused", code: "RECORD_FULL" }]);
  t.strictSame(rowsOf(db), before);
  db.pragma("max_page_count = 100000");
  t.ok(run(events).every(({ kind }) => kind === "done"));
  t.match(await verifyRecord(folder), { verified: true });
});

test("a refused operation in the middle of a batch takes nothing of the others with it", async (t) => {
  const { folder, db, run } = openWriting(t);
  const twice: Operation = {
    kind: "addKey",
    at: sampleNow,
    input: { key: sampleKey("k"), by: "h" },
  };
  const middle: Operation = { kind: "admit", at: sampleNow, input: sampleIntent("x", "none") };
  const answers = run([...batch.slice(0, 3), middle, twice, ...batch.slice(3)]);
  t.match(answers[3], { kind: "refused", code: "SESSION_UNKNOWN" });
  t.match(answers[4], { kind: "failed", message: /UNIQUE/ }, "a caller's bug is the caller's");
  t.equal(answers.filter(({ kind }) => kind === "done").length, batch.length);
  t.equal(db.prepare("SELECT status FROM calls WHERE id = 'c'").pluck().get(), "completed");
  t.match(await verifyRecord(folder), { verified: true, faults: [] });
});

test("the reserve lets calls end and operators freeze, and nothing begin", async (t) => {
  const { disk, run } = openWriting(t);
  run(batch.slice(0, 4));
  disk.hasRoom = false;
  t.match(
    run([{ kind: "admit", at: sampleNow, input: sampleIntent("d", "s") }, ...batch.slice(4)]),
    [{ kind: "refused", code: "RECORD_FULL" }, { kind: "done" }, { kind: "done" }],
  );
  disk.hasRoom = true;
  t.match(run([{ kind: "admit", at: sampleNow, input: sampleIntent("d", "s") }]), [
    { kind: "done" },
  ]);
});
