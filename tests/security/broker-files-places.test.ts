// The threat: a tool gets out of the workspace, or at a file that is not what its path says.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { type Test, test } from "tap";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { removeLeftDrafts } from "../../sandbox/broker/files/draft.ts";
import { turns } from "./broker-files-fixtures.ts";
import { codeOf, everything, grantOf, place } from "./broker-fixtures.ts";

const aNewNamespace = ["--user", "--map-root-user", "--mount", process.execPath];

test("refuses what is mounted in the workspace, on the same device too", (t) => {
  const script = join(import.meta.dirname, "broker-files-mount.ts");
  const said = execFileSync("unshare", [...aNewNamespace, script, t.testdir({})]);
  t.strictSame(String(said).split("\n"), [
    "files.read docs/a.txt done",
    "files.read second/a.txt FILES_DENIED",
    "files.write second/new.txt FILES_DENIED",
    "files.list second FILES_DENIED",
    "files.read c.txt FILES_DENIED",
    "files.write c.txt FILES_DENIED",
    "files.write temporary/new.txt FILES_DENIED",
    "files.list temporary FILES_DENIED",
  ]);
  t.end();
});

const magic: readonly (readonly [string, string, string])[] = [
  ["this process's folder of descriptors", "/proc/self/fd", "x/0"],
  ["an open descriptor", "/proc/self/fd/0", "x"],
  ["this process's root", "/proc/self/root", "x/etc/passwd"],
  ["this process's working folder", "/proc/self/cwd", "x/package.json"],
  ["a kernel's file", "/proc/self/environ", "x"],
];
for (const [name, target, path] of magic) {
  test(`refuses a link to ${name}`, async (t) => {
    const { open, workspace } = place(t);
    symlinkSync(target, join(workspace, "x"));
    const door = open();
    t.equal(await codeOf(door.request("files.read", { path })), "FILES_DENIED");
    t.equal(await codeOf(door.request("files.write", { path, text: "x" })), "FILES_DENIED");
  });
}

test("a pipe, a socket or a device holds nobody up, where a folder or a file is asked for", async (t) => {
  const { open, workspace } = place(t);
  execFileSync("mkfifo", [join(workspace, "x")]);
  const door = open();
  t.equal(await codeOf(door.request("files.read", { path: "x" })), "FILES_DENIED");
  t.equal(await codeOf(door.request("files.read", { path: "x/y" })), "FILES_FAILED");
  t.equal(await codeOf(door.request("files.list", { path: "x" })), "FILES_FAILED");
  t.equal(await codeOf(door.request("files.read", { path: "a.txt" })), "done");
});

test("never reads outside while a file, a link and a second name of a file take turns", async (t) => {
  const { open, outside, workspace } = place(t);
  const [own, other, secret] = [
    join(workspace, "own"),
    join(workspace, "other"),
    join(outside, "secret.txt"),
  ];
  const seen = new Set<string>();
  for (let turn = 0; turn < 60; turn += 1) {
    writeFileSync(own, "inside");
    if (turn % 2 === 0) symlinkSync(secret, other);
    else linkSync(secret, other);
    const door = open();
    const reading = [1, 2, 3].map(() =>
      door.request("files.read", { path: "own" }).then(String, () => "refused"),
    );
    await turns(turn % 10);
    renameSync(other, own);
    for (const value of await Promise.all(reading)) seen.add(value);
    unlinkSync(own);
  }
  t.notOk(seen.has("the key"), [...seen].join(", "));
});

test("never writes outside while the file is swapped for a link", async (t) => {
  const { open, outside, workspace } = place(t);
  const [own, link] = [join(workspace, "own"), join(workspace, "link")];
  for (let turn = 0; turn < 40; turn += 1) {
    writeFileSync(own, "inside");
    symlinkSync(join(outside, "secret.txt"), link);
    const writing = codeOf(open().request("files.write", { path: "own", text: "gone" }));
    await turns(turn);
    renameSync(link, own);
    await writing;
    unlinkSync(own);
  }
  t.equal(readFileSync(join(outside, "secret.txt"), "utf8"), "the key");
});

test("a file whose folder is taken away while it is written goes nowhere else", async (t) => {
  const { open, workspace } = place(t);
  const folder = join(workspace, "gone");
  mkdirSync(folder);
  const writing = codeOf(open().request("files.write", { path: "gone/x", text: "x" }));
  rmdirSync(folder);
  t.equal(await writing, "FILES_FAILED");
  t.notOk(existsSync(folder));
});

test("names that some file system takes for a protected one are protected", async (t) => {
  const { workspace } = place(t);
  const protectedPaths = [join(workspace, "later.db"), join(workspace, "straße")];
  const broker = createBroker({ workspace, hosts: {}, protectedPaths });
  const grant = grantOf({ permissions: { net: [], fs: everything } });
  const door = broker.open(grant, new AbortController().signal);
  const alike = ["LATER.DB", "later.db.", "later.db ", "ｌater.db", "la\u200bter.db", "STRASSE/x"];
  for (const path of alike) {
    const code = await codeOf(door.request("files.write", { path, text: "x" }));
    t.equal(code, "FILES_DENIED", path);
  }
  t.equal(await codeOf(door.request("files.write", { path: "latter.db", text: "x" })), "done");
});

test("names that are odd, but names, are taken as they stand", async (t) => {
  const { open, workspace } = place(t);
  const door = open();
  const names = ["a b ", "a b", "dot.", "...", "é", "e\u0301", "x".repeat(255), "-rf", "$(id)"];
  for (const path of names) await door.request("files.write", { path, text: path });
  for (const path of names) t.equal(await door.request("files.read", { path }), path);
  t.equal(readdirSync(workspace).length, names.length + 4, "each is a file of its own");
  const long = { path: "x".repeat(256), text: "" };
  t.equal(await codeOf(door.request("files.write", long)), "FILES_FAILED");
});

test("keeps the permission bits of what it replaces, but never lends rights", async (t) => {
  const { open, workspace } = place(t);
  const mask = process.umask(0o077);
  t.teardown(() => process.umask(mask));
  const file = join(workspace, "run.sh");
  for (const [before, after] of [
    [0o755, 0o755],
    [0o4775, 0o775],
    [0o2755, 0o755],
    [0o640, 0o640],
  ] as const) {
    writeFileSync(file, "#!/bin/sh");
    chmodSync(file, before);
    await open().request("files.write", { path: "run.sh", text: "#!/bin/false" });
    t.equal((statSync(file).mode & 0o7777).toString(8), after.toString(8));
  }
  await open().request("files.write", { path: "new", text: "" });
  t.equal(statSync(join(workspace, "new")).mode & 0o7777, 0o644, "new ones can be mounted");
});

test("a file that is read-only stays as it is, though its folder is not", async (t) => {
  const { open, workspace } = place(t);
  chmodSync(join(workspace, "a.txt"), 0o444);
  const door = open();
  t.equal(await codeOf(door.request("files.write", { path: "a.txt", text: "x" })), "FILES_FAILED");
  t.equal(await door.request("files.read", { path: "a.txt" }), "alpha");
});

test("a huge file with nothing in it is refused unread", async (t) => {
  const { open, workspace } = place(t);
  writeFileSync(join(workspace, "huge"), "");
  truncateSync(join(workspace, "huge"), 2 ** 40);
  t.equal(await codeOf(open().request("files.read", { path: "huge" })), "FILES_FAILED");
});

const hidden = [".ringward", ".ringward/x", ".RINGWARD/x", "docs/.ringward", ".ringward./x"];
for (const path of hidden) {
  test(`no tool gets at what is being written: ${path}`, async (t) => {
    const { open, workspace } = place(t);
    mkdirSync(join(workspace, ".ringward"));
    writeFileSync(join(workspace, ".ringward", "x"), "a draft");
    const door = open();
    for (const verb of ["files.read", "files.list"]) {
      t.equal(await codeOf(door.request(verb, { path })), "FILES_DENIED");
    }
    t.equal(await codeOf(door.request("files.write", { path, text: "" })), "FILES_DENIED");
    t.notMatch(JSON.stringify(await door.request("files.list", { path: "." })), "ringward");
  });
}

test("a link in the drafts' place leads no draft outside", async (t) => {
  const { open, outside, workspace } = place(t);
  mkdirSync(join(outside, "elsewhere"));
  symlinkSync(join(outside, "elsewhere"), join(workspace, ".ringward"));
  t.equal(await codeOf(open().request("files.write", { path: "x", text: "x" })), "FILES_FAILED");
  t.strictSame(readdirSync(join(outside, "elsewhere")), []);
});

test("drafts of gateways that died are removed at a start, others are left", async (t) => {
  const { workspace } = place(t);
  const drafts = join(workspace, ".ringward");
  mkdirSync(drafts);
  const [dead, again, living] = ["4194305-aa", `${process.pid}-bb`, `${process.ppid}-cc`];
  for (const name of [dead, again, living]) writeFileSync(join(drafts, name), "");
  await removeLeftDrafts(workspace);
  t.strictSame(readdirSync(drafts), [living]);
  await removeLeftDrafts(join(workspace, "docs"));
});

test("a link in the drafts' place is not followed by who removes them", async (t) => {
  const { outside, workspace } = place(t);
  mkdirSync(join(outside, "elsewhere"));
  writeFileSync(join(outside, "elsewhere", "4194305-aa"), "");
  symlinkSync(join(outside, "elsewhere"), join(workspace, ".ringward"));
  await removeLeftDrafts(workspace);
  t.strictSame(readdirSync(join(outside, "elsewhere")), ["4194305-aa"]);
});

test("a file that grows while it is read is refused", async (t) => {
  const { open, workspace } = place(t);
  await before(t, "read", () => writeFileSync(join(workspace, "a.txt"), "!", { flag: "a" }));
  t.equal(await codeOf(open().request("files.read", { path: "a.txt" })), "FILES_FAILED");
});

test("a file that was looked at is the one that is read, whatever has its name by then", async (t) => {
  const { open, outside, workspace } = place(t);
  const [own, link] = [join(workspace, "a.txt"), join(workspace, "link")];
  symlinkSync(join(outside, "secret.txt"), link);
  await before(t, "read", () => {
    if (existsSync(link)) renameSync(link, own);
  });
  t.equal(await open().request("files.read", { path: "a.txt" }), "alpha");
});

test("a file that is replaced stays whole for whoever has it open", async (t) => {
  const { open, workspace } = place(t);
  const before = openSync(join(workspace, "a.txt"), "r");
  t.teardown(() => closeSync(before));
  await open().request("files.write", { path: "a.txt", text: "other" });
  t.equal(readFileSync(before, "utf8"), "alpha");
});

test("what is written is on the disk before it has a name, and its name before the answer", async (t) => {
  const { open, workspace } = place(t);
  const synced = await watchSyncs(t, join(workspace, "docs"));
  await open().request("files.write", { path: "docs/x", text: "x" });
  t.match(synced, [/\.ringward\/.*, not there$/, /\/docs, there$/]);
});

/** What is synced from now on, and whether `x` is in a folder at that moment. */
async function watchSyncs(t: Test, folder: string): Promise<readonly string[]> {
  const synced: string[] = [];
  await before(t, "sync", ({ fd }) => {
    const isThere = existsSync(join(folder, "x"));
    synced.push(`${readlinkSync(`/proc/self/fd/${fd}`)}, ${isThere ? "there" : "not there"}`);
  });
  return synced;
}

/** Has something happen just before the broker does a thing to an open file. */
async function before(
  t: Test,
  what: "read" | "sync",
  happen: (handle: FileHandle) => void,
): Promise<void> {
  const handle = await open("/dev/null");
  const prototype = Object.getPrototypeOf(handle) as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  await handle.close();
  const own = prototype[what];
  t.teardown(() => Object.assign(prototype, { [what]: own }));
  prototype[what] = function (this: FileHandle, ...args) {
    happen(this);
    return own?.apply(this, args);
  };
}
