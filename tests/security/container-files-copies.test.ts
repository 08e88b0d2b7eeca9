// The threat: what a program in a container leaves is written where it may not be, over what it has
// not seen, in part, or without its label.
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { limits } from "../../manifests/limits.ts";
import type { FsPermission } from "../../manifests/permissions.ts";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import type { FileLabels } from "../../sandbox/broker/files/file-labels.ts";
import { noFileLabels } from "../../sandbox/broker/files/file-labels.ts";
import { copiesIn, copyOut } from "../../sandbox/container/files/files-of-call.ts";
import { codeOf, everything, grantOf, place } from "./broker-fixtures.ts";

const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString("base64");
const allBytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

function readAndWrite(...paths: string[]): FsPermission[] {
  return paths.flatMap((path) => [
    { path, access: "read" },
    { path, access: "write" },
  ]);
}

function inOf(fs: readonly FsPermission[], door: BrokerDoor): ReturnType<typeof copiesIn> {
  return copiesIn({ permissions: { net: [], fs } }, door);
}

test("bytes that are no text make the round trip", async (t) => {
  const { open, workspace } = place(t);
  const fs = readAndWrite("a.txt");
  writeFileSync(join(workspace, "a.txt"), allBytes);
  const door = open(fs);
  t.strictSame(await inOf(fs, door), { "a.txt": base64(allBytes) });
  const backwards = Buffer.from(allBytes.toReversed());
  await copyOut({ "a.txt": base64(backwards) }, door);
  t.strictSame(readFileSync(join(workspace, "a.txt")), backwards);
  t.match(door.entries, [
    { action: "read", target: "a.txt", bytes: 256 },
    { action: "write", target: "a.txt", bytes: 256 },
  ]);
});

test("a program is given what it may both read and write, and is there: no folder, nothing else", async (t) => {
  const { open } = place(t);
  const fs: FsPermission[] = [
    ...readAndWrite("docs", "docs/b.txt", "nothing"),
    { path: "a.txt", access: "write" },
    { path: "policies/p.cedar", access: "read" },
  ];
  const door = open(fs);
  t.strictSame(await inOf(fs, door), { "docs/b.txt": base64("beta") });
  t.notOk(
    door.entries.some(({ target }) => target === "a.txt"),
    "to write is not to read",
  );
  t.equal(await codeOf(door.copyIn("a.txt")), "FILES_DENIED");
  t.equal(await codeOf(door.copyIn("docs/deeper/../b.txt")), "FILES_DENIED");
  t.equal(await codeOf(open([{ path: ".", access: "read" }]).copyIn("a.txt")), "FILES_DENIED");
});

const refused: readonly (readonly [name: string, path: string, code: string])[] = [
  ["above the workspace", "../x", "FILES_DENIED"],
  ["an absolute path", "/tmp/x", "FILES_DENIED"],
  ["up and down", "docs/../x", "FILES_DENIED"],
  ["a dot", "./x", "FILES_DENIED"],
  ["the workspace", ".", "FILES_FAILED"],
  ["no name", "", "FILES_DENIED"],
  ["a slash at the end", "docs/", "FILES_DENIED"],
  ["drafts", ".ringward/x", "FILES_DENIED"],
  ["drafts, in capitals", ".RINGWARD/x", "FILES_DENIED"],
  ["drafts, in wide letters", ".\uff52ingward/x", "FILES_DENIED"],
  ["drafts, with a dot at the end", ".ringward./x", "FILES_DENIED"],
  ["the gateway's own", "policies/x", "FILES_DENIED"],
  ["the gateway's own, in capitals", "Policies/x", "FILES_DENIED"],
  ["the gateway's own that is not there yet", "later.db", "FILES_DENIED"],
  ["through a link", "link/x", "FILES_DENIED"],
  ["in the place of a link", "link", "FILES_DENIED"],
  ["in the place of a link to a file", "file-link", "FILES_DENIED"],
  ["in the place of a file with two names", "two", "FILES_DENIED"],
  ["in the place of a folder", "docs", "FILES_FAILED"],
  ["into a file", "a.txt/x", "FILES_FAILED"],
  ["into a folder that is not there", "new/x", "FILES_FAILED"],
  ["a line end", "docs/a\nb", "FILES_DENIED"],
  ["a NUL", "docs/a\0b", "FILES_DENIED"],
  [
    "too deep",
    Array(limits.pathDepth + 1)
      .fill("d")
      .join("/"),
    "FILES_DENIED",
  ],
  ["too long", "d".repeat(limits.pathChars + 1), "FILES_DENIED"],
  ["outside of the grant", "outside/x", "FILES_DENIED"],
];
for (const [name, path, code] of refused) {
  test(`writes nothing at all where one file is refused: ${name}`, async (t) => {
    const { open, outside, workspace } = place(t);
    symlinkSync(outside, join(workspace, "link"));
    symlinkSync("a.txt", join(workspace, "file-link"));
    linkSync(join(outside, "secret.txt"), join(workspace, "two"));
    mkdirSync(join(workspace, "outside"));
    const all = readdirSync(workspace).filter((one) => one !== "outside");
    const granted = name === "outside of the grant" ? all : [...all, path, "."];
    const door = open(granted.map((one) => ({ path: one, access: "write" })));
    const files = { "a.txt": base64("x"), [path]: base64("x"), "docs/b.txt": base64("x") };
    t.equal(await codeOf(copyOut(files, door)), code);
    t.equal(readFileSync(join(workspace, "a.txt"), "utf8"), "alpha");
    t.equal(readFileSync(join(workspace, "docs/b.txt"), "utf8"), "beta");
    t.equal(readFileSync(join(outside, "secret.txt"), "utf8"), "the key");
    t.strictSame(readdirSync(join(workspace, ".ringward")), [], "no draft is left");
    t.match(door.entries, [{ action: "write", target: path.slice(0, limits.pathChars), code }]);
  });
}

test("one file that is a folder of another is refused with it", async (t) => {
  const { open, workspace } = place(t);
  const files = { new: base64("x"), "new/x": base64("x") };
  t.equal(await codeOf(copyOut(files, open())), "FILES_FAILED");
  t.notOk(existsSync(join(workspace, "new")));
});

const noBase64 = ["x", "eA", "eA=", "eA===", "eB==", "e A==", "eA==\n", "-_-_", "eA==eA==", "%%%%"];
for (const text of noBase64) {
  test(`is no base64: ${JSON.stringify(text)}`, async (t) => {
    const { open, workspace } = place(t);
    const door = open();
    t.equal(await codeOf(copyOut({ "a.txt": text }, door)), "FILES_FAILED");
    const asked = door.request("files.write", { path: "a.txt", base64: text });
    t.equal(await codeOf(asked), "FILES_FAILED");
    t.equal(readFileSync(join(workspace, "a.txt"), "utf8"), "alpha");
  });
}

test("a request writes text or bytes, and not both", async (t) => {
  const { open, workspace } = place(t);
  const door = open();
  const bytes = base64(allBytes);
  t.strictSame(await door.request("files.write", { path: "a", base64: bytes }), { bytes: 256 });
  t.strictSame(readFileSync(join(workspace, "a")), allBytes);
  t.strictSame(await door.request("files.write", { path: "a", base64: "" }), { bytes: 0 });
  for (const more of [
    { text: "x", base64: bytes },
    {},
    { base64: 1 },
    { base64: null, text: "x" },
  ]) {
    t.equal(await codeOf(door.request("files.write", { path: "a", ...more })), "FILES_FAILED");
  }
  const most = base64(Buffer.alloc(limits.fileBytes));
  const tooMuch = base64(Buffer.alloc(limits.fileBytes + 1));
  t.equal(await codeOf(door.request("files.write", { path: "a", base64: most })), "done");
  t.equal(
    await codeOf(door.request("files.write", { path: "a", base64: tooMuch })),
    "FILES_FAILED",
  );
});

function filesOf(count: number, bytes = 1): Record<string, string> {
  const names = Array.from({ length: count }, (_, n) => `f${n}`);
  return Object.fromEntries(names.map((name) => [name, base64(Buffer.alloc(bytes))]));
}

const amounts: readonly (readonly [string, Record<string, string>, Record<string, string>])[] = [
  ["files written", filesOf(limits.callFilesWritten), filesOf(limits.callFilesWritten + 1)],
  ["bytes of one", filesOf(1, limits.fileBytes), filesOf(1, limits.fileBytes + 1)],
  [
    "bytes of all",
    filesOf(8, containerLimits.scratchBytes / 8),
    { ...filesOf(8, containerLimits.scratchBytes / 8), "a.txt": base64("x") },
  ],
];
for (const [name, most, more] of amounts) {
  test(`a program may leave so much, and no more: ${name}`, async (t) => {
    const { open, workspace } = place(t);
    t.equal(await codeOf(copyOut(more, open())), "FILES_FAILED");
    t.notOk(existsSync(join(workspace, "f0")));
    t.equal(await codeOf(copyOut(most, open())), "done");
    t.ok(existsSync(join(workspace, `f${Object.keys(most).length - 1}`)));
  });
}

test("a program may leave so many files, those that it did not change among them", async (t) => {
  const { open, workspace } = place(t);
  const most = filesOf(containerLimits.scratchFiles);
  const fs = readAndWrite(...Object.keys(most));
  for (const name of Object.keys(most)) writeFileSync(join(workspace, name), Buffer.alloc(1));
  const door = open([...fs, ...readAndWrite("one-more")]);
  t.strictSame(await inOf(fs, door), most);
  t.equal(await codeOf(copyOut({ ...most, "one-more": "" }, door)), "FILES_FAILED");
  t.equal(await codeOf(door.copyOut(new Map())), "done");
  t.equal(await codeOf(copyOut(most, door)), "done");
});

test("what was not changed is not written", async (t) => {
  const { open, workspace } = place(t);
  const fs = readAndWrite("a.txt", "docs/b.txt");
  const door = open(fs);
  const copies = await inOf(fs, door);
  const before = statSync(join(workspace, "a.txt"));
  await copyOut({ ...copies, "docs/b.txt": base64("new") }, door);
  t.equal(statSync(join(workspace, "a.txt")).ino, before.ino);
  t.strictSame(
    door.entries.filter(({ action }) => action === "write").map(({ target }) => target),
    ["docs/b.txt"],
  );
});

const meanwhile: readonly (readonly [string, (file: string) => void])[] = [
  ["written", (file) => writeFileSync(file, "other")],
  ["written with as many bytes", (file) => writeFileSync(file, "ALPHA")],
  ["removed", (file) => rmSync(file)],
];
for (const [what, change] of meanwhile) {
  test(`undoes nothing that it has not seen: a file that was ${what} meanwhile`, async (t) => {
    const { open, workspace } = place(t);
    const fs = readAndWrite("a.txt", "docs/b.txt");
    const door = open(fs);
    await inOf(fs, door);
    change(join(workspace, "a.txt"));
    const after = existsSync(join(workspace, "a.txt")) && readFileSync(join(workspace, "a.txt"));
    const files = { "docs/b.txt": base64("mine"), "a.txt": base64("mine") };
    t.equal(await codeOf(copyOut(files, door)), "FILES_FAILED");
    const now = existsSync(join(workspace, "a.txt")) && readFileSync(join(workspace, "a.txt"));
    t.strictSame(now, after);
    t.equal(readFileSync(join(workspace, "docs/b.txt"), "utf8"), "beta");
  });
}

test("undoes nothing that it has not seen: a file that was not there before", async (t) => {
  const { open, workspace } = place(t);
  const fs = readAndWrite("new.txt");
  const [first, second] = [open(fs), open(fs)];
  await Promise.all([inOf(fs, first), inOf(fs, second)]);
  await copyOut({ "new.txt": base64("first") }, first);
  t.equal(await codeOf(copyOut({ "new.txt": base64("second") }, second)), "FILES_FAILED");
  t.equal(readFileSync(join(workspace, "new.txt"), "utf8"), "first");
});

test("of two calls that change one file at a time one is refused", async (t) => {
  const { open, workspace } = place(t);
  const fs = readAndWrite("a.txt");
  for (let turn = 0; turn < 10; turn += 1) {
    const doors = [open(fs), open(fs)];
    await Promise.all(doors.map((door) => inOf(fs, door)));
    const leave = (door: BrokerDoor, n: number): Promise<void> =>
      copyOut({ "a.txt": base64(`${turn} ${n}`) }, door);
    const codes = await Promise.all(doors.map((door, n) => codeOf(leave(door, n))));
    t.strictSame(codes.toSorted(), ["FILES_FAILED", "done"]);
    const winner = codes.indexOf("done");
    t.equal(readFileSync(join(workspace, "a.txt"), "utf8"), `${turn} ${winner}`);
  }
});

test("a call that ends while its files are made ready gives none a name", async (t) => {
  const { workspace } = place(t);
  const stop = new AbortController();
  const labels: FileLabels = {
    ...noFileLabels,
    record: () => Promise.resolve(stop.abort()),
  };
  const broker = createBroker({ workspace, hosts: {}, protectedPaths: [], labels });
  const door = broker.open(grantOf({ permissions: { net: [], fs: everything } }), stop.signal);
  const files = { "a.txt": base64("x"), "b.txt": base64("x") };
  t.equal(await codeOf(copyOut(files, door)), "CANCELLED");
  t.equal(readFileSync(join(workspace, "a.txt"), "utf8"), "alpha");
  t.notOk(existsSync(join(workspace, "b.txt")));
  t.strictSame(readdirSync(join(workspace, ".ringward")), []);
  t.equal(await codeOf(copyOut(files, door)), "CANCELLED");
  t.equal(await codeOf(door.copyIn("a.txt")), "CANCELLED");
});

test("copies are no requests of the guest's", async (t) => {
  const { open } = place(t);
  const fs = readAndWrite("a.txt");
  const door = open(fs);
  for (let n = 0; n < limits.hostCallsPerCall; n += 1)
    await door.request("files.read", { path: "a.txt" });
  const copies = await inOf(fs, door);
  t.strictSame(copies, { "a.txt": base64("alpha") });
  t.equal(await codeOf(copyOut({ "a.txt": base64("x") }, door)), "done");
  for (const name of ["files.copyIn", "files.copyOut", "copyOut"]) {
    t.equal(await codeOf(open().request(name, { path: "a.txt" })), "EGRESS_DENIED");
  }
});
