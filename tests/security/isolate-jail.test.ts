import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { jailCommand } from "../../sandbox/isolate/jail/jail.ts";
import { firstChild } from "../../sandbox/isolate/jail/processes.ts";
import { spawnJailed } from "../../sandbox/isolate/jail/spawn-jailed.ts";
import { outerWalls } from "../../sandbox/isolate/proof/outer-walls.ts";
import { probeJail } from "../../sandbox/isolate/proof/probe-jail.ts";
import { descendants, readProcess } from "../support/processes.ts";
import { bench, endOf } from "./isolate-fixtures.ts";
import { testedLaunchers } from "./isolate-intruder.ts";

test("a probe finds every wall of the jail standing, from inside and from outside", async (t) => {
  const { sandbox } = bench(t);
  const { offered, walls } = await sandbox.probe();
  for (const { name, floor, holds, measured } of walls) {
    t.ok(holds || !floor, `${name}: ${measured}`);
  }
  t.ok(walls.length > 20);
  t.ok(offered);
  t.strictSame(descendants(process.pid), []);
});

test("a probe finds the same floor with each launcher, and above it what that launcher has", async (t) => {
  const above: Record<string, readonly string[]> = {};
  const floors: string[][] = [];
  for (const launcher of testedLaunchers(t)) {
    const walls = await probeJail({
      build: (source, words) => jailCommand(source, words, { launcher }),
      outside: [],
    });
    const floor = walls.filter((wall) => wall.floor);
    for (const { name, holds, measured } of floor) t.ok(holds, `${launcher}: ${name}: ${measured}`);
    floors.push(floor.map(({ name }) => name));
    const held = walls.filter((wall) => !wall.floor && wall.holds).map(({ name }) => name);
    above[launcher] = held.filter((name) => name !== "own control group");
  }
  for (const floor of floors) t.strictSame(floor, floors[0]);
  const expected = {
    bubblewrap: ["system-call filter", "no capability to gain"],
    "util-linux": [],
  };
  for (const [launcher, names] of Object.entries(above)) {
    t.strictSame(names, expected[launcher as keyof typeof expected], launcher);
  }
});

test("a worker in the gateway's process group, which it could signal, lacks a wall", async (t) => {
  const launcher = "util-linux";
  if (!testedLaunchers(t).includes(launcher)) return;
  const jail = jailCommand("setInterval(() => {}, 1000)", [], { launcher });
  // As `spawnJailed` does it, but for the session of its own.
  const child = spawn(jail?.file ?? "", jail?.args ?? [], { env: {}, cwd: "/", stdio: "pipe" });
  const inner = await until(() => firstChild(child.pid ?? 0));
  await until(() => (readProcess(inner, "cmdline").startsWith("/app/node") ? 1 : undefined));
  const closed = once(child, "close");
  const missing = outerWalls(inner, jail).filter(({ holds }) => !holds);
  process.kill(inner, "SIGKILL");
  await closed;
  t.ok(missing.some(({ name }) => name === "own process group"));
});

test("a worker has an empty environment, whatever the gateway's is", async (t) => {
  const jail = jailCommand("setInterval(() => {}, 1000)");
  if (!jail) throw new Error("no launcher");
  process.env["SECRET"] = "canary";
  const child = spawnJailed(jail);
  delete process.env["SECRET"];
  t.teardown(() => child.kill("SIGKILL"));
  const inner = await until(() =>
    descendants(process.pid).find((pid) => readProcess(pid, "cmdline").startsWith("/app/node")),
  );
  const kept = readProcess(inner, "environ")
    .split("\0")
    .filter((one) => one !== "PWD=/");
  t.strictSame(kept, ["MALLOC_ARENA_MAX=1", ""], "but for what is said to the C library");
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
});

const gateway = fileURLToPath(new URL("./isolate-gateway.ts", import.meta.url));

for (const state of ["busy", "stopped"]) {
  test(`a gateway that is killed takes a ${state} worker with it`, async (t) => {
    const child = spawn(process.execPath, [gateway], { stdio: ["ignore", "pipe", "inherit"] });
    t.teardown(() => child.kill("SIGKILL"));
    await once(child.stdout, "data");
    const pids = descendants(child.pid ?? 0);
    t.ok(pids.length >= 2, "the jail's outer process and the worker");
    if (state === "stopped") for (const pid of pids) process.kill(pid, "SIGSTOP");
    child.kill("SIGKILL");
    await until(() => (pids.every((pid) => isGone(pid)) ? 1 : undefined));
    t.pass("all gone");
  });
}

test("cancelling ends the call at once, and everything of it", async (t) => {
  const { run, sandbox } = bench(t);
  await sandbox.warm();
  const stop = new AbortController();
  const running = run("for (;;);", { wallMs: 30_000, cpuMs: 30_000, signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  t.equal(endOf(await running), "CANCELLED");
  t.equal(endOf(await run("return 1;", { signal: stop.signal })), "CANCELLED");
  t.equal(endOf(await run("return 1;")), 1);
});

test("more calls than workers wait in a queue that has an end", async (t) => {
  const { run } = bench(t);
  const stop = new AbortController();
  const calls = Array.from({ length: limits.workerQueue }, () =>
    run("return 1;", { wallMs: 30_000 }),
  );
  const beyond = run("return 1;", { wallMs: 30_000, signal: stop.signal });
  t.equal(endOf(await beyond), "SANDBOX_UNAVAILABLE");
  const ends = new Set((await Promise.all(calls)).map(endOf));
  t.strictSame([...ends], [1]);
});

test("a call that finds no free worker in time was never run", async (t) => {
  const { run, sandbox } = bench(t);
  await sandbox.warm();
  const long = run("for (;;);", { wallMs: 1_500, cpuMs: 30_000 });
  const short = await run("return 1;", { wallMs: 100 });
  t.equal(endOf(short), "SANDBOX_UNAVAILABLE");
  t.equal(endOf(await long), "TIMEOUT_WALL");
});

test("a closed sandbox runs nothing and leaves nothing", async (t) => {
  const { run, sandbox } = bench(t);
  const running = run("for (;;);", { wallMs: 30_000, cpuMs: 30_000 });
  await sandbox.warm();
  await sandbox.close();
  t.match(String(endOf(await running)), /SANDBOX_CRASH|SANDBOX_UNAVAILABLE/);
  t.equal(endOf(await run("return 1;")), "SANDBOX_UNAVAILABLE");
  t.strictSame(descendants(process.pid), []);
});

function isGone(pid: number): boolean {
  return !existsSync(`/proc/${pid}`) || /\) [ZX] /.test(readProcess(pid, "stat"));
}

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
