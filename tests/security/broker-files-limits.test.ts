import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import type { JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { codeOf, everything, place } from "./broker-fixtures.ts";

const failures: readonly [string, string, JsonValue][] = [
  ["a file that is not there", "files.read", { path: "none.txt" }],
  ["a folder as a file", "files.read", { path: "docs" }],
  ["a file as a folder", "files.list", { path: "a.txt" }],
  ["a file in the middle", "files.read", { path: "a.txt/x" }],
  ["a folder that is not there", "files.write", { path: "none/x.txt", text: "x" }],
  ["writing over a folder", "files.write", { path: "docs", text: "x" }],
  ["the workspace as a file", "files.read", { path: "." }],
  [
    "a file that is too large to write",
    "files.write",
    { path: "x", text: "x".repeat(limits.fileBytes + 1) },
  ],
  ["arguments of another form", "files.read", { path: "a.txt", encoding: "latin1" }],
  ["no arguments", "files.read", null],
];
for (const [name, verb, args] of failures) {
  test(`says FILES_FAILED for ${name}`, async (t) => {
    const door = place(t).open();
    t.equal(await codeOf(door.request(verb, args)), "FILES_FAILED");
    t.equal(door.entries.length, 1);
  });
}

test("reads text of UTF-8 only, up to the limit", async (t) => {
  const at = place(t);
  writeFileSync(join(at.workspace, "latin"), Buffer.from([0xe9, 0x20]));
  writeFileSync(join(at.workspace, "most"), "x".repeat(limits.fileBytes));
  writeFileSync(join(at.workspace, "more"), "x".repeat(limits.fileBytes + 1));
  const door = at.open();
  t.equal(await codeOf(door.request("files.read", { path: "latin" })), "FILES_FAILED");
  t.equal(await codeOf(door.request("files.read", { path: "most" })), "done");
  t.equal(await codeOf(door.request("files.read", { path: "more" })), "FILES_FAILED");
});

test("lists a folder up to the limit", async (t) => {
  const at = place(t);
  const folder = join(at.workspace, "many");
  mkdirSync(folder);
  for (let n = 0; n < limits.filesListed; n += 1) writeFileSync(join(folder, `${n}`), "");
  const door = at.open();
  t.equal(await codeOf(door.request("files.list", { path: "many" })), "done");
  writeFileSync(join(folder, "more"), "");
  t.equal(await codeOf(door.request("files.list", { path: "many" })), "FILES_FAILED");
});

test("nothing begins after the end of the call, and no draft is left", async (t) => {
  const at = place(t);
  const stop = new AbortController();
  const door = at.open(everything, stop.signal);
  const writing = codeOf(door.request("files.write", { path: "docs/late.txt", text: "late" }));
  stop.abort();
  await door.close();
  t.equal(await writing, "CANCELLED");
  t.equal(await codeOf(door.request("files.read", { path: "a.txt" })), "CANCELLED");
  const left = await at.open().request("files.list", { path: "docs" });
  t.strictSame(
    (left as { name: string }[]).map(({ name }) => name),
    ["b.txt", "deeper"],
  );
});

test("a door that is closed is closed, whether or not its caller has given up", async (t) => {
  const door = place(t).open();
  await door.close();
  t.equal(await codeOf(door.request("files.read", { path: "a.txt" })), "CANCELLED");
  t.equal(
    await codeOf(door.request("secret", { name: "a" })),
    "CANCELLED",
    "before it is looked at",
  );
});

test("bounds the requests of one call, whatever its sandbox counted", async (t) => {
  const door = place(t).open();
  for (let n = 0; n < limits.hostCallsPerCall; n += 1)
    await door.request("files.read", { path: "a.txt" });
  t.equal(await codeOf(door.request("files.read", { path: "a.txt" })), "HOSTCALL_LIMIT");
});

test("leaves no descriptor open", async (t) => {
  const at = place(t);
  const door = at.open();
  for (let n = 0; n < 10; n += 1) {
    await door.request("files.read", { path: "docs/deeper/c.txt" });
    await codeOf(door.request("files.read", { path: "docs/none/c.txt" }));
    await codeOf(door.request("files.list", { path: "docs/deeper" }));
    await codeOf(door.request("files.write", { path: "policies/x", text: "" }));
  }
  t.strictSame(openBeneath(at.workspace), []);
});

/** What this process holds open in a folder. */
function openBeneath(folder: string): readonly string[] {
  const links = readdirSync("/proc/self/fd").map((fd) => linkOf(`/proc/self/fd/${fd}`));
  return links.filter((link) => link.startsWith(folder));
}

/** Empty for a descriptor that was closed while we looked. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
