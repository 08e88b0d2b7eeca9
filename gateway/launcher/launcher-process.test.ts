import type { ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { type Test, test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { LauncherProcess, type LauncherTold } from "./launcher-process.ts";

const { containerPauseMs: first, containerPauseMsCeiling: ceiling } = containerLimits;

/** A process that says a word and ends, and says when it has been spawned. */
class FakeChild extends EventEmitter {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly pid = 1;
  exitCode: number | null = null;
  signalCode = null;

  serves(): void {
    this.stdout.write("{}\n");
  }

  ends(): void {
    this.exitCode = 1;
    this.stdout.end();
    this.emit("exit", 1, null);
  }
}

interface Started {
  readonly launcher: LauncherProcess;
  /** The next process that is spawned. */
  next(): Promise<FakeChild>;
  /** The pauses that were made; none of them lasts. */
  readonly pauses: readonly number[];
  now: number;
}

function launcherOf(t: Test): Started {
  const { setTimeout: start } = globalThis;
  const pauses: number[] = [];
  const spawned: FakeChild[] = [];
  const waiting: ((child: FakeChild) => void)[] = [];
  const later = (act: () => void, ms: number): NodeJS.Timeout => {
    pauses.push(ms);
    started.now += ms;
    return start(act, 0);
  };
  t.intercept(globalThis, "setTimeout", { value: later as typeof start });
  const spawn = (): ChildProcess => {
    const child = new FakeChild();
    const next = waiting.shift();
    if (next) next(child);
    else spawned.push(child);
    return child as unknown as ChildProcess;
  };
  const next = (): Promise<FakeChild> =>
    new Promise((resolve) => {
      const child = spawned.shift();
      if (child) resolve(child);
      else waiting.push(resolve);
    });
  const told = { folder: "/nowhere" } as LauncherTold;
  const launcher = new LauncherProcess(told, { spawn, now: () => started.now });
  const started = { launcher, next, pauses, now: 0 };
  return started;
}

test("a launcher that dies as soon as it serves is started again with longer and longer pauses", async (t) => {
  const { launcher, next, pauses } = launcherOf(t);
  const starting = launcher.start();
  for (let times = 0; times < 20; times += 1) {
    const child = await next();
    child.serves();
    await starting;
    child.ends();
  }
  await next();
  t.strictSame(
    pauses,
    Array.from({ length: 20 }, (_, at) => Math.min(first * 2 ** at, ceiling)),
  );
  t.equal(pauses.at(-1), ceiling);
});

test("one that served for a while is replaced soon", async (t) => {
  const started = launcherOf(t);
  const starting = started.launcher.start();
  for (const servedMs of [0, 0, ceiling + 1, 0]) {
    const child = await started.next();
    child.serves();
    await starting;
    // It is known to serve when all that was under way is done.
    await new Promise((resolve) => setImmediate(resolve));
    started.now += servedMs;
    child.ends();
  }
  await started.next();
  t.strictSame(started.pauses, [first, 2 * first, first, 2 * first]);
});

test("one that ends before anybody has heard that it serves is replaced, too", async (t) => {
  const { launcher, next } = launcherOf(t);
  const starting = launcher.start();
  const child = await next();
  child.serves();
  child.ends();
  await starting;
  t.ok(await next());
});

test("the first that cannot start is the caller's; one later is tried again, until the end", async (t) => {
  const { launcher, next, pauses } = launcherOf(t);
  const failing = launcher.start();
  (await next()).stdout.end('{"problem":"no such folder"}\n');
  await t.rejects(failing, { message: "no such folder" });
  t.strictSame(pauses, []);
  const starting = launcher.start();
  const child = await next();
  child.serves();
  await starting;
  child.ends();
  (await next()).ends();
  const last = await next();
  t.strictSame(pauses, [first, 2 * first]);
  last.stdin.once("finish", () => last.ends());
  await launcher.close();
  await new Promise((resolve) => setImmediate(resolve));
  t.strictSame(
    pauses.slice(2),
    [containerLimits.linkAnswerMs],
    "it is waited for, and not replaced",
  );
});
