import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import type { JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { codeOf, everything, grantOf, type Place, place } from "./broker-fixtures.ts";

test("reads, writes and lists beneath the workspace, and labels what it read", async (t) => {
  const { open, workspace } = place(t);
  const door = open();
  t.equal(await door.request("files.read", { path: "docs/b.txt" }), "beta");
  t.strictSame(await door.request("files.write", { path: "docs/new.txt", text: "né" }), {
    bytes: 3,
  });
  t.equal(readFileSync(join(workspace, "docs/new.txt"), "utf8"), "né");
  t.strictSame(await door.request("files.list", { path: "docs" }), [
    { name: "b.txt", kind: "file", bytes: 4 },
    { name: "deeper", kind: "folder", bytes: 0 },
    { name: "new.txt", kind: "file", bytes: 3 },
  ]);
  t.strictSame(door.read, { integrity: "untrusted", confidentiality: "internal" });
  t.strictSame(
    door.entries.map(({ action, target, bytes, code }) => [action, target, bytes, code]),
    [
      ["read", "docs/b.txt", 4, undefined],
      ["write", "docs/new.txt", 3, undefined],
      ["list", "docs", 0, undefined],
    ],
  );
});

test("writing alone raises no label", async (t) => {
  const door = place(t).open();
  await door.request("files.write", { path: "x.txt", text: "x" });
  t.strictSame(door.read, { integrity: "trusted", confidentiality: "public" });
});

const climbs: readonly [string, string][] = [
  ["the parent", "../secret.txt"],
  ["the parent, later", "docs/../../secret.txt"],
  ["the parent that stays inside", "docs/../a.txt"],
  ["an absolute path", "/etc/passwd"],
  ["the process's own folder", "/proc/self/environ"],
  ["an empty segment", "docs//b.txt"],
  ["a dot segment", "./a.txt"],
  ["a slash at the end", "docs/"],
  ["nothing", ""],
  ["a NUL", "a.txt\u0000.png"],
  ["a line end", "a\n.txt"],
  ["too long a path", `${"x".repeat(limits.pathChars + 1)}`],
  ["too deep a path", "d/".repeat(limits.pathDepth).concat("x")],
];
for (const [name, path] of climbs) {
  test(`refuses ${name}, for reading, writing and listing`, async (t) => {
    const { open, outside } = place(t);
    const door = open();
    for (const verb of ["files.read", "files.write", "files.list"]) {
      const args = verb === "files.write" ? { path, text: "gone" } : { path };
      t.equal(await codeOf(door.request(verb, args)), "FILES_DENIED");
    }
    t.ok(
      door.entries.every((entry) => entry.code === "FILES_DENIED"),
      "and books it",
    );
    t.equal(door.entries.length, 3);
    t.equal(readFileSync(join(outside, "secret.txt"), "utf8"), "the key");
    t.strictSame(door.read, { integrity: "trusted", confidentiality: "public" });
  });
}

const plants: readonly [string, (at: Place) => void, string][] = [
  ["a link to a file outside", (at) => symlinkSync("../secret.txt", join(at.workspace, "x")), "x"],
  ["a link to a file inside", (at) => symlinkSync("a.txt", join(at.workspace, "x")), "x"],
  ["a link to nowhere", (at) => symlinkSync("../new.txt", join(at.workspace, "x")), "x"],
  [
    "a link to the root in the middle",
    (at) => symlinkSync("/", join(at.workspace, "x")),
    "x/etc/passwd",
  ],
  [
    "a linked folder in the middle",
    (at) => symlinkSync("docs", join(at.workspace, "x")),
    "x/b.txt",
  ],
  [
    "a second name of a file outside",
    (at) => linkSync(join(at.outside, "secret.txt"), join(at.workspace, "x")),
    "x",
  ],
  ["a pipe", (at) => execFileSync("mkfifo", [join(at.workspace, "x")]), "x"],
  ["a protected folder", () => {}, "policies/p.cedar"],
  ["a protected folder's new file", () => {}, "policies/new.cedar"],
  ["a protected file that is not there yet", () => {}, "later.db"],
  [
    "a protected file that is there by now",
    (at) => writeFileSync(join(at.workspace, "later.db"), "db"),
    "later.db",
  ],
];
for (const [name, plant, path] of plants) {
  test(`refuses ${name}, for reading and writing`, async (t) => {
    const at = place(t);
    plant(at);
    const door = at.open();
    t.equal(await codeOf(door.request("files.write", { path, text: "gone" })), "FILES_DENIED");
    t.equal(await codeOf(door.request("files.read", { path })), "FILES_DENIED");
    t.equal(readFileSync(join(at.outside, "secret.txt"), "utf8"), "the key");
    t.equal(readFileSync(join(at.workspace, "policies/p.cedar"), "utf8"), "forbid");
    t.notOk(existsSync(join(at.outside, "new.txt")));
  });
}

test("refuses to list a linked folder and a protected one", async (t) => {
  const at = place(t);
  symlinkSync("/etc", join(at.workspace, "x"));
  const door = at.open();
  t.equal(await codeOf(door.request("files.list", { path: "x" })), "FILES_DENIED");
  t.equal(await codeOf(door.request("files.list", { path: "policies" })), "FILES_DENIED");
});

test("refuses a device, where the user may make one", async (t) => {
  const at = place(t);
  try {
    execFileSync("mknod", [join(at.workspace, "x"), "c", "1", "5"], { stdio: "ignore" });
  } catch {
    t.comment("only root makes devices");
    return;
  }
  t.equal(await codeOf(at.open().request("files.read", { path: "x" })), "FILES_DENIED");
});

test("a protected folder is known by its inode, not by its name", async (t) => {
  const at = place(t);
  renameSync(join(at.workspace, "policies"), join(at.workspace, "docs", "harmless"));
  const protectedPaths = [join(at.workspace, "docs", "harmless")];
  symlinkSync(protectedPaths[0] as string, join(at.outside, "policies"));
  const broker = createBroker({
    workspace: at.workspace,
    hosts: {},
    protectedPaths: [join(at.outside, "policies")],
  });
  const door = broker.open(
    grantOf({ permissions: { net: [], fs: everything } }),
    new AbortController().signal,
  );
  t.equal(
    await codeOf(door.request("files.read", { path: "docs/harmless/p.cedar" })),
    "FILES_DENIED",
  );
});

test("a protected file is known by its inode too", async (t) => {
  const at = place(t);
  symlinkSync(join(at.workspace, "docs", "b.txt"), join(at.outside, "keys.db"));
  const broker = createBroker({
    workspace: at.workspace,
    hosts: {},
    protectedPaths: [join(at.outside, "keys.db")],
  });
  const grant = grantOf({ permissions: { net: [], fs: everything } });
  const door = broker.open(grant, new AbortController().signal);
  const path = "docs/b.txt";
  t.equal(await codeOf(door.request("files.read", { path })), "FILES_DENIED");
  t.equal(await codeOf(door.request("files.write", { path, text: "" })), "FILES_DENIED");
});

test("never reads or writes outside while a folder and a link take turns", async (t) => {
  const at = place(t);
  const folder = join(at.workspace, "swap");
  const elsewhere = join(at.outside, "elsewhere");
  mkdirSync(folder);
  mkdirSync(elsewhere);
  writeFileSync(join(folder, "f"), "inside");
  writeFileSync(join(elsewhere, "f"), "outside");
  const seen = new Set<JsonValue | string>();
  for (let turn = 0; turn < 30; turn += 1) {
    const door = at.open();
    const asked = [1, 2, 3].map((n) =>
      n === 3
        ? door.request("files.write", { path: "swap/g", text: "g" }).then(() => "written", String)
        : door.request("files.read", { path: "swap/f" }).catch(() => "refused"),
    );
    await new Promise((resolve) => setImmediate(resolve));
    renameSync(folder, `${folder}-away`);
    symlinkSync(elsewhere, folder);
    for (const value of await Promise.all(asked)) seen.add(value);
    unlinkSync(folder);
    renameSync(`${folder}-away`, folder);
  }
  t.notOk(seen.has("outside"));
  t.notOk(existsSync(join(elsewhere, "g")));
});

test("grants nothing that the grant does not name", async (t) => {
  const door = place(t).open([{ path: "docs", access: "read" }]);
  t.equal(await codeOf(door.request("files.read", { path: "docs/deeper/c.txt" })), "done");
  t.equal(await codeOf(door.request("files.read", { path: "a.txt" })), "FILES_DENIED");
  t.equal(
    await codeOf(door.request("files.write", { path: "docs/b.txt", text: "" })),
    "FILES_DENIED",
  );
  t.equal(await codeOf(door.request("files.list", { path: "docs" })), "FILES_DENIED");
});
