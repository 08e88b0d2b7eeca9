import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { type Test, test } from "tap";
import { listRecords } from "../gateway/audit/read.ts";
import { verifyRecord } from "../gateway/audit/verify.ts";
import { openStore } from "../gateway/store/open-store.ts";
import { schemaVersion } from "../gateway/store/schema.ts";
import type { Store } from "../gateway/store/store.ts";
import { sampleIntent, sampleKey, sampleNow, sampleSession } from "../gateway/store/testing.ts";
import type { WriterRole } from "../gateway/store/writers.ts";
import { limits } from "../manifests/limits.ts";

async function open(t: Test, folder: string, writer: WriterRole): Promise<Store> {
  const store = await openStore({ folder, writer, now: () => sampleNow });
  t.teardown(() => store.close());
  return store;
}

/** A process of its own that opens the store, says `ready`, and holds it until it is killed. */
async function holdElsewhere(
  t: Test,
  folder: string,
  writer: WriterRole,
): Promise<() => Promise<void>> {
  const module = join(import.meta.dirname, "../gateway/store/open-store.ts");
  const samples = join(import.meta.dirname, "../gateway/store/testing.ts");
  const code = `
    const { openStore } = await import(${JSON.stringify(module)});
    const { sampleIntent, sampleKey, sampleSession } = await import(${JSON.stringify(samples)});
    const now = () => ${sampleNow};
    const store = await openStore({ folder: ${JSON.stringify(folder)}, writer: "${writer}", now });
    await store.sessions.open(sampleSession("${writer}"), sampleKey("key-${writer}"), "h");
    await store.calls.admit(sampleIntent("call-${writer}", "${writer}"));
    console.log("ready");
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return async () => {
    child.kill("SIGKILL");
    await once(child, "close");
  };
}

test("a second gateway is refused with one line, and takes over when the first has died", async (t) => {
  const folder = t.testdir();
  const kill = await holdElsewhere(t, folder, "gateway");
  const line = /^[^\n]+: a running gateway, process \d+, holds this store \([^\n]+\)$/;
  await t.rejects(open(t, folder, "gateway"), { message: line });
  await kill();
  const store = await open(t, folder, "gateway");
  t.match(await store.calls.find("call-gateway"), {
    status: "unknown",
    endedAt: sampleNow,
    answer: { status: "unknown", code: "OUTCOME_UNKNOWN", id: "call-gateway" },
  });
  t.match(await listRecords(folder, { code: "OUTCOME_UNKNOWN" }), [
    { call: "call-gateway", kind: "end", segment: 2 },
  ]);
  t.match(await verifyRecord(folder), { verified: true, faults: [] });
});

test("what another process left running is not this one's to end", async (t) => {
  const folder = t.testdir();
  const kill = await holdElsewhere(t, folder, "gateway");
  const store = await open(t, folder, "cli");
  t.match(await store.calls.find("call-gateway"), { status: "running" });
  await store.freezes.freeze({ kind: "tool", id: "x" }, "seen at once", "local:root");
  await kill();
});

test("command lines write beside the gateway, each with a chain of its own", async (t) => {
  const folder = t.testdir();
  const [gateway, first, second] = await Promise.all([
    open(t, folder, "gateway"),
    open(t, folder, "cli"),
    open(t, folder, "cli"),
  ]);
  await gateway.sessions.open(sampleSession("s"), sampleKey("k", { session: "s" }), "h");
  const stores = [gateway, first, second];
  const ended = await Promise.allSettled(
    Array.from({ length: 60 }, (_, n) =>
      stores[n % 3]?.calls.admit(
        sampleIntent(`c${n}`, "s", { budget: { perSession: 10, bytes: 1, seconds: 1 } }),
      ),
    ),
  );
  t.equal(ended.filter(({ status }) => status === "fulfilled").length, 10, "one budget for all");
  await first.freezes.freeze({ kind: "session", id: "s" }, "why", "local:root");
  const frozen = gateway.calls.admit(sampleIntent("frozen", "s"));
  await t.rejects(frozen, { code: "FROZEN" }, "what another process did is seen at once");
  const { verified, chains } = await verifyRecord(folder);
  t.equal(verified, true);
  t.strictSame(
    chains.map(({ writer }) => writer),
    ["cli", "cli-2", "gateway"],
  );
});

test("so many command lines at once and no more; a name that is free again is taken again", async (t) => {
  const folder = t.testdir();
  const stores: Store[] = [];
  for (let n = 0; n < limits.cliWriters; n += 1) stores.push(await open(t, folder, "cli"));
  await t.rejects(open(t, folder, "cli"), /command lines write to this store/);
  await stores[3]?.close();
  await open(t, folder, "cli");
  const { verified, chains } = await verifyRecord(folder);
  t.equal(verified, true);
  t.equal(chains.length, limits.cliWriters);
});

test("does not start on what is no store of ours, and says where and how to mend it", async (t) => {
  const folder = t.testdir({
    file: "x",
    "store.sqlite": "no database, but long enough to be read",
  });
  await t.rejects(open(t, join(folder, "file"), "gateway"), /not a folder to write to.*\(give it/);
  await t.rejects(open(t, folder, "gateway"), /not a store of Ringward \(choose another/);
  rmSync(join(folder, "store.sqlite"));
  new Database(join(folder, "store.sqlite")).exec("CREATE TABLE theirs (a)").close();
  await t.rejects(open(t, folder, "gateway"), /not a store of Ringward \(choose another/);
});

test("does not start on a newer store, or without its keys", async (t) => {
  const folder = t.testdir();
  await (await open(t, folder, "gateway")).close();
  const key = join(folder, "gateway.key");
  const named = readFileSync(key);
  writeFileSync(key, "not the key");
  await t.rejects(open(t, folder, "gateway"), /gateway\.key: not the key that the record names/);
  writeFileSync(key, named);
  await (await open(t, folder, "gateway")).close();
  rmSync(join(folder, "payload.key"));
  await t.rejects(open(t, folder, "cli"), /payload\.key: missing \(restore it/);
  const db = new Database(join(folder, "store.sqlite"));
  db.pragma(`user_version = ${schemaVersion + 1}`);
  db.close();
  await t.rejects(open(t, folder, "gateway"), /a store of version \d+, this Ringward reads \d+/);
});

test("a store of an older version is read by nobody, and whole once a writer has opened it", async (t) => {
  const folder = t.testdir();
  const before = await open(t, folder, "gateway");
  await before.record.append({ kept: true });
  await before.close();
  const db = new Database(join(folder, "store.sqlite"));
  for (const table of ["trees", "files", "withheld", "tokens"]) db.exec(`DROP TABLE ${table}`);
  db.exec("ALTER TABLE log DROP COLUMN fields; PRAGMA user_version = 1");
  db.close();
  await t.rejects(verifyRecord(folder), /a store of version 1 \(start the gateway on it once\)/);
  const after = await open(t, folder, "gateway");
  t.strictSame(await after.files.find("a.txt", "0".repeat(64)), { highest: "public" });
  await after.close();
  t.strictSame((await verifyRecord(folder)).faults, []);
});

test("keys and database are their owner's alone", async (t) => {
  const folder = t.testdir();
  await (await open(t, folder, "gateway")).close();
  for (const file of ["store.sqlite", "payload.key", "gateway.key"]) {
    t.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
  }
});

test("a store that is closed twice is closed, and refuses from then on", async (t) => {
  const store = await open(t, t.testdir(), "gateway");
  await Promise.all([store.close(), store.close()]);
  await t.rejects(store.record.append({}), { code: "RECORD_UNWRITABLE" });
});
