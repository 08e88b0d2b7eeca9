// The threat: by way of a mount or a copy untrusted text becomes trusted, or a secret public.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { test } from "tap";
import { verifyRecord } from "../../gateway/audit/verify.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { sampleNow } from "../../gateway/store/testing.ts";
import type { Label } from "../../manifests/label.ts";
import { copiesIn, copyOut } from "../../sandbox/container/files/files-of-call.ts";
import {
  doorsTo,
  foreign,
  type LabelledPlace,
  labelledPlace,
  secret,
  trusted,
  untrusted,
} from "./broker-files-fixtures.ts";
import { everything, grantOf } from "./broker-fixtures.ts";

/** What a call knows that was shown a path and carried nothing before. */
async function labelOfMount({ open }: Pick<LabelledPlace, "open">, path = "docs"): Promise<Label> {
  const door = open(trusted);
  await door.mount(path);
  return door.read;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

test("what nobody wrote and nobody declares is a stranger's", async (t) => {
  const at = await labelledPlace(t);
  t.strictSame(await labelOfMount(at), foreign);
});

test("what a trusted call wrote is a stranger's beside what strangers may have put there", async (t) => {
  const at = await labelledPlace(t);
  await at.write(trusted, "docs/a.txt", "x");
  t.strictSame(await labelOfMount(at), foreign);
});

test("a secret anywhere beneath makes all of it secret, and nothing beside it", async (t) => {
  const at = await labelledPlace(t);
  mkdirSync(join(at.workspace, "docs/deeper/still"), { recursive: true });
  mkdirSync(join(at.workspace, "docs2"));
  await at.write(secret, "docs/deeper/still/a.txt", "x");
  const asSecret = { ...foreign, confidentiality: "secret" } as const;
  for (const path of ["docs", "docs/deeper", "docs/deeper/still", "docs/deeper/still/a.txt"]) {
    t.strictSame(await labelOfMount(at, path), asSecret, path);
  }
  t.strictSame(await labelOfMount(at, "docs2"), foreign);
  await at.write(trusted, "docs/deeper/still/a.txt", "y");
  t.strictSame(await labelOfMount(at), asSecret, "and for good");
});

test("what the owner trusts is trusted until an untrusted call writes beneath it", async (t) => {
  const at = await labelledPlace(t, [{ path: "docs", ...trusted }]);
  writeFileSync(join(at.workspace, "docs/a.txt"), "the owner's");
  t.strictSame(await labelOfMount(at), trusted);
  await at.write(trusted, "docs/b.txt", "x");
  t.strictSame(await labelOfMount(at), trusted);
  await at.write(untrusted, "docs/c.txt", "x");
  t.strictSame(await labelOfMount(at), untrusted);
  t.strictSame(await labelOfMount(at, "docs/a.txt"), trusted, "and what is beside it stays so");
});

test("what is declared beneath counts, under each spelling that a file system may take", async (t) => {
  const declared = [
    { path: "docs", ...trusted },
    { path: "docs/inbox", ...untrusted },
    { path: "DOCS/Keys", ...secret },
  ];
  const at = await labelledPlace(t, declared);
  for (const folder of ["inbox", "plain", "keys"]) mkdirSync(join(at.workspace, "docs", folder));
  t.strictSame(await labelOfMount(at, "docs/plain"), trusted);
  t.strictSame(await labelOfMount(at, "docs/inbox"), untrusted);
  t.strictSame(await labelOfMount(at, "docs/keys"), secret);
  t.strictSame(await labelOfMount(at), { ...secret, integrity: "untrusted" });
});

test("a refused mount tells as much as one that is made", async (t) => {
  const at = await labelledPlace(t);
  await at.write(secret, "docs/a.txt", "x");
  const door = at.open(trusted);
  await t.rejects(door.mount("docs/nothing"), { code: "FILES_FAILED" });
  t.strictSame(door.read, foreign);
});

test("what a program leaves carries what was mounted for it", async (t) => {
  const at = await labelledPlace(t);
  await at.write(secret, "docs/a.txt", "x");
  const door = at.open(trusted);
  await door.mount("docs");
  await copyOut({ "out.txt": base64("all of docs") }, door);
  t.strictSame((await at.read("out.txt")).label, { ...secret, integrity: "untrusted" });
});

test("a tainted call's files are untrusted for a clean one, whatever bytes they have", async (t) => {
  const at = await labelledPlace(t, [{ path: ".", ...trusted }]);
  await copyOut({ "a.txt": base64("evil"), "docs/b.txt": base64("evil") }, at.open(untrusted));
  t.strictSame((await at.read("a.txt")).label, untrusted);
  t.strictSame((await at.read("docs/b.txt")).label, untrusted);
  t.strictSame(await labelOfMount(at), untrusted);
});

test("a copy in hands in the label of just its bytes", async (t) => {
  const at = await labelledPlace(t);
  await at.write(trusted, "a.txt", "the plan");
  await at.write(secret, "docs/b.txt", "hunter2");
  for (const [path, label] of [
    ["a.txt", trusted],
    ["docs/b.txt", secret],
    ["docs/nothing", { ...trusted, confidentiality: "secret" }],
  ] as const) {
    const door = at.open(trusted);
    const fs = [{ path: ".", access: "read" } as const, { path, access: "write" } as const];
    await copiesIn(grantOf({ permissions: { net: [], fs } }), door);
    t.strictSame(door.read, label, path);
  }
});

test("labels of trees outlive the gateway, and are held to the record", async (t) => {
  const { store, folder, workspace, write } = await labelledPlace(t);
  await write(secret, "docs/a.txt", "x");
  await store.close();
  t.match(await verifyRecord(folder), { verified: true });
  const later = await openStore({ folder, writer: "gateway", now: () => sampleNow });
  t.strictSame(await labelOfMount(doorsTo(workspace, later)), {
    ...foreign,
    confidentiality: "secret",
  });
  await later.close();
  edit(folder, "UPDATE trees SET confidentiality = 0");
  t.match(await verifyRecord(folder), { verified: false });
});

test("of a store without trees any file may lie anywhere", async (t) => {
  const { store, folder, workspace } = await labelledPlace(t);
  const file = { path: "docs/a.txt", folder: "docs", trees: [], content: "aa" };
  for (const label of [secret, untrusted, trusted]) {
    await store.files.record({ ...file, label, call: "c", session: "s" });
  }
  await store.close();
  withoutTrees(folder);
  const later = await openStore({ folder, writer: "gateway", now: () => sampleNow });
  t.teardown(() => later.close());
  mkdirSync(join(workspace, "other"));
  const at = doorsTo(workspace, later, [{ path: ".", ...trusted }]);
  t.strictSame(await labelOfMount(at, "other"), { ...untrusted, confidentiality: "secret" });
  edit(folder, "DELETE FROM trees WHERE path = ''");
  t.match((await verifyRecord(folder)).faults, [{ what: /^labels of files/ }]);
});

test("an empty store without trees has nothing that may lie anywhere", async (t) => {
  const { store, folder, workspace } = await labelledPlace(t);
  await store.close();
  withoutTrees(folder);
  const later = await openStore({ folder, writer: "gateway", now: () => sampleNow });
  t.teardown(() => later.close());
  const at = doorsTo(workspace, later, [{ path: ".", ...trusted }]);
  t.strictSame(await labelOfMount(at), trusted);
  t.match(await verifyRecord(folder), { verified: true });
});

test("a grant that covers all of the workspace copies nothing", async (t) => {
  const { open } = await labelledPlace(t);
  const door = open(trusted);
  t.strictSame(await copiesIn(grantOf({ permissions: { net: [], fs: everything } }), door), {});
  t.strictSame(door.entries, []);
});

/** As a Ringward wrote it that knew none. */
function withoutTrees(folder: string): void {
  const later = "DROP TABLE withheld; DROP TABLE tokens; ALTER TABLE log DROP COLUMN fields";
  edit(folder, `DROP TABLE trees; ${later}; PRAGMA user_version = 2`);
}

function edit(folder: string, change: string): void {
  const db = new Database(join(folder, "store.sqlite"));
  db.exec(change);
  db.close();
}
