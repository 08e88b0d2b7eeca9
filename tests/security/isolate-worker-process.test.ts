// THREAT_MODEL: what is started as a worker is none, or is one without walls. Ring 7 holds: it is
// refused, and nothing of it is left.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { mock } from "node:test";
import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { type Jail, unwalledCommand } from "../../sandbox/isolate/jail/jail.ts";
import { workerSource } from "../../sandbox/isolate/jail/worker-source.ts";
import { startWorker } from "../../sandbox/isolate/pool/worker-process.ts";
import { descendants } from "../support/processes.ts";

/** Says that it is ready, as a worker does, and nothing more. */
function ready(channel = "channel"): string {
  return `
    const fs = process.getBuiltinModule("fs"); const b = Buffer.alloc(65536); fs.readSync(0, b);
    const { channel } = JSON.parse(b.subarray(4, 4 + b.readUInt32BE(0)));
    const text = JSON.stringify({ channel: ${channel}, said: ["ready"] });
    const h = Buffer.alloc(4); h.writeUInt32BE(text.length);
    fs.writeSync(1, h + text, null, "latin1"); setInterval(() => {}, 1000);`;
}

/** One process around Node, as in the jail; `after` is what it does when Node has gone. */
function around(source: string, after = ":"): Jail {
  const args = ["-c", `"$@"; ${after}`, "sh", process.execPath, "--eval", source];
  return { file: "/bin/sh", args };
}

const shell = (script: string): Jail => ({
  ...{ file: "/bin/sh", args: ["-c", script], isUnwalled: true },
});

const refusal = /no worker could be started/;

test("a process in no jail is refused as a worker", async (t) => {
  await t.rejects(startWorker(around(ready()), 32), {
    message: refusal,
    cause: { message: /the jail has no wall/ },
  });
  t.strictSame(descendants(process.pid), []);
});

test("without walls a worker is one process, and only who asks for that gets it", async (t) => {
  const bare = unwalledCommand(workerSource("main"));
  const worker = await startWorker(bare, 32);
  t.strictSame(descendants(process.pid), [worker.pid]);
  await worker.kill();
  const { isUnwalled: _, ...claimed } = bare;
  await t.rejects(startWorker(claimed, 32), refusal);
  t.strictSame(descendants(process.pid), []);
});

test("where the jail cannot be built there is no sandbox, and no weaker one", async (t) => {
  await t.rejects(startWorker({ file: "/bin/false", args: [] }, 32), refusal);
  await t.rejects(startWorker({ file: "/nonexistent", args: [] }, 32), refusal);
  t.strictSame(descendants(process.pid), []);
});

test("who answers another start than its own is refused", async (t) => {
  const args = ["--eval", ready('"another"')];
  const stranger: Jail = { file: process.execPath, args, isUnwalled: true };
  const cause = { message: "the worker answered another start" };
  await t.rejects(startWorker(stranger, 32), { cause });
  t.strictSame(descendants(process.pid), []);
});

test("who never says that it is ready is not waited for", { timeout: 5_000 }, async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.teardown(() => mock.timers.reset());
  // It ends one day all the same, so that nothing is left where nobody ends it.
  const starting = startWorker(shell("exec sleep 8"), 32);
  mock.timers.tick(limits.workerStartMs);
  await t.rejects(starting, refusal);
  t.strictSame(descendants(process.pid), []);
});

test("of what a process complains a few kilobytes are kept", async (t) => {
  const flood = "head -c 200000 /dev/zero | tr '\\\\0' x >&2";
  const refused = await startWorker(shell(flood), 32).catch((error: Error) => error);
  const { length } = (refused as Error).message;
  t.ok(length > 4_096 && length < 4_200, `${length} characters`);
});

test("a process around the jail that stays when the worker has gone is killed, too", async (t) => {
  const file = join(t.testdir({}), "ended");
  const spin = 'i=0; while [ "$i" -lt 3000000 ]; do i=$((i+1)); done';
  await t.rejects(startWorker(around(ready(), `${spin}; : > ${file}`), 32), refusal);
  t.notOk(existsSync(file), "it did not end by itself");
  t.strictSame(descendants(process.pid), []);
});
