import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { listenPrivately } from "./private-socket.ts";

interface Place {
  readonly folder: string;
  listen(): Promise<void>;
}

function placeOf(t: Test): Place {
  const base = mkdtempSync(join(tmpdir(), "ringward-private-"));
  const folder = join(base, "link");
  const server: Server = createServer();
  t.teardown(() => {
    server.close();
    rmSync(base, { recursive: true, force: true });
  });
  return { folder, listen: () => listenPrivately(server, join(folder, "l.sock")) };
}

test("the folder is made for this user alone, whatever mask the process has", async (t) => {
  const mask = process.umask(0);
  t.teardown(() => process.umask(mask));
  const { folder, listen } = placeOf(t);
  await listen();
  t.equal(statSync(folder).mode & 0o777, 0o700);
  t.equal(statSync(join(folder, "l.sock")).mode & 0o777, 0o600);
});

test("a folder of another user's is no place for it, even one that nobody else can enter", {
  skip: process.getuid?.() !== 0 && "it takes root to give a folder away",
}, async (t) => {
  const { folder, listen } = placeOf(t);
  mkdirSync(folder);
  chmodSync(folder, 0o700);
  chownSync(folder, 65_534, 65_534);
  await t.rejects(listen(), /is not this user's alone \(give the socket a folder of its own/);
});
