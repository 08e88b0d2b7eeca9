// The threat: a call that is over still has an effect, or is told of none that it had.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { type FileLabels, noFileLabels } from "../../sandbox/broker/files/file-labels.ts";
import { turns } from "./broker-files-fixtures.ts";
import { codeOf, everything, grantOf, place } from "./broker-fixtures.ts";

const rounds = 80;

test("whenever a call ends, its write is whole or never was, and nothing comes after", async (t) => {
  const ends = new Set<string>();
  const { open, workspace } = place(t);
  for (let round = 0; round < rounds; round += 1) {
    const stop = new AbortController();
    const door = open(everything, stop.signal);
    const path = `docs/late-${round}`;
    const writing = codeOf(door.request("files.write", { path, text: "late" }));
    await turns(round);
    stop.abort();
    await door.close();
    const isThere = existsSync(join(workspace, path));
    await turns(20);
    t.equal(existsSync(join(workspace, path)), isThere, "nothing came after");
    t.equal(await writing, isThere ? "done" : "CANCELLED");
    t.equal(door.entries.at(-1)?.code, isThere ? undefined : "CANCELLED", "and the book says so");
    if (isThere) t.equal(readFileSync(join(workspace, path), "utf8"), "late");
    ends.add(await writing);
  }
  t.strictSame(readdirSync(join(workspace, ".ringward")), [], "no draft is left");
  t.ok(ends.has("CANCELLED"));
});

test("the end of a call waits for what is under way, and that has no effect any more", async (t) => {
  const { workspace } = place(t);
  const asked = Promise.withResolvers<void>();
  const kept = Promise.withResolvers<void>();
  const labels: FileLabels = {
    ...noFileLabels,
    record: () => {
      asked.resolve();
      return kept.promise;
    },
  };
  const stop = new AbortController();
  const broker = createBroker({ workspace, hosts: {}, protectedPaths: [], labels });
  const grant = grantOf({ permissions: { net: [], fs: everything } });
  const door = broker.open(grant, stop.signal);
  const writing = codeOf(door.request("files.write", { path: "late.txt", text: "late" }));
  await asked.promise;
  stop.abort();
  let isClosed = false;
  const closing = door.close().then(() => {
    isClosed = true;
  });
  await turns(20);
  t.notOk(isClosed);
  kept.resolve();
  await closing;
  t.notOk(existsSync(join(workspace, "late.txt")));
  t.equal(await writing, "CANCELLED");
});
