// The threat: one call reads, writes or lists more than it may, or fills the disk.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { type FileLabels, noFileLabels } from "../../sandbox/broker/files/file-labels.ts";
import { turns } from "./broker-files-fixtures.ts";
import { codeOf, everything, grantOf, place } from "./broker-fixtures.ts";

test("one call reads no more bytes than it may, however they are asked for", async (t) => {
  const { open, workspace } = place(t);
  writeFileSync(join(workspace, "most"), "x".repeat(limits.fileBytes));
  const may = limits.callReadBytes / limits.fileBytes;
  const door = open();
  const asked = Array.from({ length: may + 8 }, () =>
    codeOf(door.request("files.read", { path: "most" })),
  );
  const ends = await Promise.all(asked);
  t.equal(ends.filter((end) => end === "done").length, may);
  t.equal(ends.filter((end) => end === "FILES_FAILED").length, 8);
  t.equal(await codeOf(open().request("files.read", { path: "most" })), "done", "another may");
});

test("one call writes no more bytes than it may", async (t) => {
  const { open, workspace } = place(t);
  const text = "x".repeat(limits.fileBytes);
  const may = limits.callWrittenBytes / limits.fileBytes;
  const door = open();
  const asked = Array.from({ length: may + 4 }, (_, index) =>
    codeOf(door.request("files.write", { path: `docs/${index}`, text })),
  );
  const ends = await Promise.all(asked);
  t.equal(ends.filter((end) => end === "done").length, may);
  t.equal(readdirSync(join(workspace, "docs")).length, may + 2);
  t.strictSame(readdirSync(join(workspace, ".ringward")), [], "and no draft is left");
});

test("one call writes no more files than it may", async (t) => {
  const { open } = place(t);
  const door = open();
  const write = (n: number): Promise<string> =>
    codeOf(door.request("files.write", { path: `${n}`, text: "" }));
  for (let n = 0; n < limits.callFilesWritten; n += 1) t.equal(await write(n), "done");
  t.equal(await write(limits.callFilesWritten), "FILES_FAILED");
});

test("one call lists no more entries than it may", async (t) => {
  const { open, workspace } = place(t);
  mkdirSync(join(workspace, "many"));
  for (let n = 0; n < limits.filesListed; n += 1)
    writeFileSync(join(workspace, "many", `${n}`), "");
  const door = open();
  const list = (): Promise<string> => codeOf(door.request("files.list", { path: "many" }));
  for (let n = 0; n < limits.callFilesListed / limits.filesListed; n += 1) {
    t.equal(await list(), "done");
  }
  t.equal(await list(), "FILES_FAILED");
});

test("nothing is written where that would leave the disk without room for the record", async (t) => {
  const { workspace } = place(t);
  const door = createBroker({
    workspace,
    hosts: {},
    protectedPaths: [],
    reserveBytes: Number.MAX_SAFE_INTEGER,
  }).open(grantOf({ permissions: { net: [], fs: everything } }), new AbortController().signal);
  t.equal(await codeOf(door.request("files.write", { path: "x", text: "" })), "FILES_FAILED");
  t.equal(await codeOf(door.request("files.read", { path: "a.txt" })), "done");
  t.ok(limits.workspaceReserveBytes > 2 * limits.recordReserveBytes);
});

test("however many calls ask for files at once, a few are served at a time", async (t) => {
  const { workspace } = place(t);
  let [served, most] = [0, 0];
  const full = Promise.withResolvers<void>();
  const ofFile: FileLabels["ofFile"] = async (...file) => {
    served += 1;
    most = Math.max(most, served);
    if (served === limits.filesAtOnce) full.resolve();
    // Held until as many are here as may be; whoever is here too much shows within a few turns.
    await full.promise;
    await turns(3);
    served -= 1;
    return await noFileLabels.ofFile(...file);
  };
  const labels = { ...noFileLabels, ofFile };
  const broker = createBroker({ workspace, hosts: {}, protectedPaths: [], labels });
  const grant = grantOf({ permissions: { net: [], fs: everything } });
  const asked = Array.from({ length: 20 }, () =>
    codeOf(
      broker.open(grant, new AbortController().signal).request("files.read", { path: "a.txt" }),
    ),
  );
  t.strictSame(new Set(await Promise.all(asked)), new Set(["done"]));
  t.equal(most, limits.filesAtOnce);
});

test("what waits for its turn when its call ends is not done", async (t) => {
  const { open } = place(t);
  const stop = new AbortController();
  const door = open(everything, stop.signal);
  const asked = Array.from({ length: 20 }, () =>
    codeOf(door.request("files.read", { path: "a.txt" })),
  );
  stop.abort();
  await door.close();
  const ends = await Promise.all(asked);
  t.ok(ends.filter((end) => end === "CANCELLED").length >= 20 - limits.filesAtOnce);
});
