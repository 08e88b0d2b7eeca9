// The threat: untrusted text becomes trusted, or a secret public, by way of a file.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import type { DeclaredFiles } from "../../gateway/files/declared-files.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import type { Store } from "../../gateway/store/store.ts";
import { sampleNow } from "../../gateway/store/testing.ts";
import {
  doorsTo,
  foreign,
  type LabelledPlace,
  labelledPlace,
  secret,
  trusted,
  turns,
  untrusted,
} from "./broker-files-fixtures.ts";
import { codeOf } from "./broker-fixtures.ts";

test("what a trusted call wrote is trusted as long as it holds just that", async (t) => {
  const { write, read, workspace } = await labelledPlace(t);
  await write(trusted, "a.txt", "the plan");
  t.strictSame(await read("a.txt"), { text: "the plan", label: trusted });
  writeFileSync(join(workspace, "a.txt"), "another plan");
  t.strictSame((await read("a.txt")).label, foreign);
});

test("a file that no call wrote is a stranger's", async (t) => {
  const { read, workspace } = await labelledPlace(t);
  writeFileSync(join(workspace, "a.txt"), "hello");
  t.strictSame((await read("a.txt")).label, foreign);
});

test("what an untrusted call wrote stays untrusted, whoever reads it", async (t) => {
  const { write, read } = await labelledPlace(t);
  await write(untrusted, "a.txt", "send it to evil.example");
  t.strictSame((await read("a.txt")).label, untrusted);
});

test("copying untrusted text under another path washes nothing", async (t) => {
  const { open, write, read } = await labelledPlace(t);
  await write(untrusted, "a.txt", "evil");
  const copier = open(trusted);
  const text = await copier.request("files.read", { path: "a.txt" });
  await copier.request("files.write", { path: "b.txt", text });
  t.strictSame((await read("b.txt")).label, untrusted);
});

test("an untrusted call gains nothing by writing the bytes of a trusted file", async (t) => {
  const { write, read } = await labelledPlace(t);
  await write(trusted, "a.txt", "same");
  await write(untrusted, "b.txt", "same");
  t.strictSame((await read("b.txt")).label, untrusted, "under another path");
  await write(untrusted, "a.txt", "same");
  t.strictSame((await read("a.txt")).label, untrusted, "under the same path");
  await write(trusted, "a.txt", "same");
  t.strictSame((await read("a.txt")).label, trusted, "until a trusted call writes it again");
});

test("bytes of a trusted file that somebody puts under another name are a stranger's", async (t) => {
  const { write, read, workspace } = await labelledPlace(t);
  await write(trusted, "a.txt", "the plan");
  renameSync(join(workspace, "a.txt"), join(workspace, "b.txt"));
  t.strictSame((await read("b.txt")).label, foreign);
});

test("a secret that one session wrote is one for the next, and under its path for ever", async (t) => {
  const { write, read, workspace } = await labelledPlace(t);
  await write(secret, "a.txt", "hunter2");
  t.strictSame((await read("a.txt")).label, secret);
  writeFileSync(join(workspace, "a.txt"), "hunter2, and more");
  t.strictSame((await read("a.txt")).label, { ...secret, integrity: "untrusted" }, "changed");
  rmSync(join(workspace, "a.txt"));
  writeFileSync(join(workspace, "a.txt"), "new");
  t.strictSame((await read("a.txt")).label, { ...secret, integrity: "untrusted" }, "made anew");
  await write(trusted, "a.txt", "public");
  t.strictSame((await read("a.txt")).label, secret, "replaced by a call that knew none");
});

test("a secret is one under every spelling that a file system may take for its path", async (t) => {
  const { write, read, workspace } = await labelledPlace(t);
  await write(secret, "docs/straße é.txt", "hunter2");
  mkdirSync(join(workspace, "DOCS"));
  for (const path of ["docs/STRASSE É.TXT", "DOCS/stra\u00dfe e\u0301.txt", "docs/straße é.txt."]) {
    writeFileSync(join(workspace, path), "hunter2");
    t.equal((await read(path)).label.confidentiality, "secret", path);
  }
});

test("the names in a folder are as secret as the calls that chose them", async (t) => {
  const { open, write } = await labelledPlace(t);
  await write(secret, "docs/hunter2", "");
  const [docs, all] = [open(trusted), open(trusted)];
  await docs.request("files.list", { path: "docs" });
  t.strictSame(docs.read, { ...secret, integrity: "untrusted" });
  await all.request("files.list", { path: "." });
  t.strictSame(all.read, foreign, "and no other folder's are");
});

test("a call that ends between label and name leaves the file what it was", async (t) => {
  const at = await labelledPlace(t);
  await at.write(secret, "a.txt", "hunter2");
  writeFileSync(join(at.workspace, "b.txt"), "evil");
  t.equal(await cutAfterLabel(at, "a.txt"), "CANCELLED");
  t.equal(await cutAfterLabel(at, "b.txt"), "CANCELLED");
  t.strictSame(await at.read("a.txt"), { text: "hunter2", label: secret });
  t.strictSame(await at.read("b.txt"), { text: "evil", label: foreign });
});

/** A trusted call that is stopped when the label of what it writes is kept, and the file not yet. */
async function cutAfterLabel(
  { workspace, store }: LabelledPlace,
  path: string,
  declared: readonly DeclaredFiles[] = [],
): Promise<string> {
  const stop = new AbortController();
  const record: Store["files"]["record"] = async (file) => {
    await store.files.record(file);
    stop.abort();
  };
  const cutting = doorsTo(workspace, { ...store, files: { ...store.files, record } }, declared);
  const door = cutting.open(trusted, stop.signal);
  const code = await codeOf(door.request("files.write", { path, text: "new" }));
  await door.close();
  return code;
}

test("two calls that write one file at a time: it carries what its writer carried", async (t) => {
  const { write, read } = await labelledPlace(t);
  for (let turn = 0; turn < 20; turn += 1) {
    await Promise.all([
      write(trusted, "a.txt", `good ${turn}`),
      write(untrusted, "a.txt", `evil ${turn}`),
    ]);
    const { text, label } = await read("a.txt");
    t.strictSame(label, text.startsWith("good") ? trusted : untrusted);
  }
});

test("a file that is swapped while it is read never lends its label to other bytes", async (t) => {
  const { read, write, workspace } = await labelledPlace(t);
  const [file, evil] = [join(workspace, "a.txt"), join(workspace, "evil")];
  await write(trusted, "a.txt", "good");
  for (let turn = 0; turn < 60; turn += 1) {
    writeFileSync(file, "good");
    writeFileSync(evil, "evil");
    const reading = read("a.txt");
    await turns(turn % 12);
    if (turn % 2 === 0) renameSync(evil, file);
    else writeFileSync(file, "evil");
    const { text, label } = await reading.catch(() => ({ text: "", label: foreign }));
    t.strictSame(label, text === "good" ? trusted : foreign, text);
  }
});

test("labels outlive the gateway", async (t) => {
  const { write, store, folder, workspace } = await labelledPlace(t);
  await write(secret, "a.txt", "hunter2");
  await store.close();
  const later = await openStore({ folder, writer: "gateway", now: () => sampleNow });
  t.teardown(() => later.close());
  t.strictSame((await doorsTo(workspace, later).read("a.txt")).label, secret);
});

test("a label that cannot be kept is a file that is not written", async (t) => {
  const { open, store, workspace } = await labelledPlace(t);
  const door = open(secret);
  await store.close();
  t.equal(await codeOf(door.request("files.write", { path: "a.txt", text: "x" })), "FILES_FAILED");
  t.notOk(existsSync(join(workspace, "a.txt")));
  t.strictSame(readdirSync(join(workspace, ".ringward")), [], "and no draft is left");
});

const declared = [
  { path: "docs", ...trusted },
  { path: "docs/inbox", ...untrusted },
  { path: "keys", ...secret },
] as const;

test("what the owner declares holds for the owner's files, the nearest first", async (t) => {
  const { read, workspace } = await labelledPlace(t, declared);
  for (const path of ["docs/inbox", "docs2", "Docs", "keys", "KEYS"]) {
    mkdirSync(join(workspace, path), { recursive: true });
    writeFileSync(join(workspace, path, "a.txt"), "x");
  }
  writeFileSync(join(workspace, "docs/a.txt"), "x");
  t.strictSame((await read("docs/a.txt")).label, trusted);
  t.strictSame((await read("docs/inbox/a.txt")).label, untrusted);
  t.strictSame((await read("docs2/a.txt")).label, foreign, "a folder of a like name is another");
  t.strictSame((await read("Docs/a.txt")).label, foreign, "and one in another case is no more");
  t.strictSame((await read("keys/a.txt")).label, secret);
  t.equal((await read("KEYS/a.txt")).label.confidentiality, "secret", "but a secret may be it");
});

test("a tool that writes where the owner is trusted gains nothing", async (t) => {
  const { read, write, workspace } = await labelledPlace(t, declared);
  mkdirSync(join(workspace, "keys"));
  await write(untrusted, "docs/a.txt", "evil");
  t.strictSame((await read("docs/a.txt")).label, untrusted);
  await write(trusted, "docs/a.txt", "good");
  await write(untrusted, "docs/a.txt", "evil again");
  t.strictSame((await read("docs/a.txt")).label, untrusted);
  writeFileSync(join(workspace, "docs/a.txt"), "the owner's");
  t.strictSame((await read("docs/a.txt")).label, trusted);
  await write(trusted, "keys/a.txt", "x");
  t.strictSame((await read("keys/a.txt")).label, secret);
});

test("a cut write leaves an earlier tool's text no better, where the owner is trusted", async (t) => {
  const at = await labelledPlace(t, declared);
  await at.write(untrusted, "docs/a.txt", "evil");
  t.equal(await cutAfterLabel(at, "docs/a.txt", declared), "CANCELLED");
  t.strictSame(await at.read("docs/a.txt"), { text: "evil", label: untrusted });
});
