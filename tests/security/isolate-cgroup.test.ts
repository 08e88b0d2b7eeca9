// The control group around a worker, where this machine lets us make one; and where it does not.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import tap, { type Test, test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { ControlGroups, controlGroups } from "../../sandbox/isolate/jail/control-group.ts";
import { findGroupHosts, type GroupHost } from "../../sandbox/isolate/jail/control-group-host.ts";
import { jailCommand } from "../../sandbox/isolate/jail/jail.ts";
import { spawnJailed } from "../../sandbox/isolate/jail/spawn-jailed.ts";
import { workerSource } from "../../sandbox/isolate/jail/worker-source.ts";
import { startWorker } from "../../sandbox/isolate/pool/worker-process.ts";
import { outerWalls } from "../../sandbox/isolate/proof/outer-walls.ts";
import { readProcess } from "../support/processes.ts";
import { buildIntruder, testedLaunchers } from "./isolate-intruder.ts";

tap.setTimeout(110_000);

const intrude = buildIntruder(tap);
const hosts = process.platform === "linux" ? findGroupHosts() : "no Linux";

function foldersHere(t: Test): readonly string[] {
  if (typeof hosts === "string") t.comment(`left out: ${hosts}`);
  return typeof hosts === "string" ? [] : hosts.map(({ folder }) => folder);
}

function ours(folders: readonly string[]): readonly string[] {
  const start = `ringward-${process.pid}-`;
  return folders.flatMap((folder) => readdirSync(folder).filter((name) => name.startsWith(start)));
}

function boundsOfProcesses(): readonly string[] {
  return (typeof hosts === "string" ? [] : hosts)
    .filter(({ settings }) => settings.some(([file]) => file === "pids.max"))
    .flatMap(({ folder }) => ours([folder]).map((name) => join(folder, name, "pids.max")));
}

test("memory that a worker takes beside its address space's bound ends it", async (t) => {
  const folders = foldersHere(t);
  if (!intrude || folders.length === 0) return;
  const most = limits.workerGroupBytes;
  for (const launcher of testedLaunchers(t)) {
    const within = await intrude([`touch,${most / 2}`], { launcher });
    t.strictSame(within.returned, [0], `${launcher}: half of it is there`);
    const beyond = await intrude([`touch,${most + 2 ** 26}`], { launcher });
    t.strictSame(beyond.returned, [], `${launcher}: more than all of it is not`);
    const grouped = await intrude([`touch,${most + 2 ** 26}`], {
      launcher,
      // Nobody makes a group for what no launcher says it is.
      change: ({ launcher: _, ...jail }) => jail,
    });
    t.strictSame(grouped.returned, [0], `${launcher}: and it is the group that holds`);
  }
  while (ours(folders).length > 0) await sleep(10);
  t.pass("no group is left");
});

test("each worker has a group of its own, which goes with it", async (t) => {
  const folders = foldersHere(t);
  if (folders.length === 0) return;
  const jail = jailCommand(workerSource("main"));
  if (!jail) throw new Error("no launcher");
  const workers = await Promise.all([startWorker(jail, 32), startWorker(jail, 32)]);
  t.equal(ours(folders).length, 2 * folders.length);
  t.equal(new Set(ours(folders)).size, 2);
  const walls = (): readonly boolean[] =>
    workers.map(({ pid }) => controlGroups().wallAround(pid).holds);
  t.strictSame(walls(), [true, true]);
  for (const file of boundsOfProcesses()) writeFileSync(file, "max");
  t.strictSame(walls(), [false, false], "a bound that was lifted is no wall");
  await Promise.all(workers.map((worker) => worker.kill()));
  while (ours(folders).length > 0) await sleep(10);
  t.pass("and none is left");
});

test("what outlives its launcher ends with the group", async (t) => {
  const folders = foldersHere(t);
  if (folders.length === 0) return;
  // As in a jail without a process namespace: a stopped process that holds the pipes.
  const stays = 'sleep 100 & kill -STOP "$!"; echo "$!"';
  const child = spawnJailed({ file: "/bin/sh", args: ["-c", stays], launcher: "util-linux" });
  const [pid] = await Promise.all([text(child.stdout), once(child, "close")]);
  t.match(pid, /^\d+\n$/);
  // Whoever it was handed to may not have seen its end yet; without an end this has none.
  while (/^State:\s+[^ZX]/m.test(readProcess(Number(pid), "status"))) await sleep(10);
  while (ours(folders).length > 0) await sleep(10);
  t.pass("it has ended, and its group is gone");
});

test("a process in no group of ours lacks the wall", (t) => {
  if (foldersHere(t).length > 0) {
    const jail = { launcher: "util-linux" } as const;
    const walls = outerWalls(process.pid, jail);
    const found = walls.find(({ name }) => name === "own control group");
    t.match(found, { holds: false, floor: false });
  }
  const none = new ControlGroups("because it is so", "1-1");
  t.match(none.wallAround(process.pid), { holds: false, measured: "because it is so" });
  t.equal(none.make(), undefined);
  t.equal(controlGroups().exist, typeof hosts !== "string");
  t.end();
});

const host = (folder: string): GroupHost => ({ folder, settings: [["pids.max", "64"]] });

const namespace = /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "";

test("groups that a killed gateway left are removed by the next, and no others", (t) => {
  const start = readFileSync("/proc/1/stat", "utf8").split(") ")[1]?.split(" ")[19];
  const kept = [
    "else",
    `ringward-1-${start}-${namespace}-1`,
    "ringward-4194305-5-77-1",
    "ringward-other",
  ];
  const gone = [`ringward-1-999999999-${namespace}-1`, `ringward-4194305-5-${namespace}-1`];
  const folder = t.testdir(Object.fromEntries([...kept, ...gone].map((name) => [name, {}])));
  new ControlGroups([host(folder)], "1-1");
  t.strictSame(readdirSync(folder).sort(), kept.sort());
  t.end();
});

test("what a killed gateway left running in its groups is ended by the next", async (t) => {
  const child = spawn("sleep", ["30"], { stdio: "ignore" });
  const ended = once(child, "exit");
  // 0 is somebody whom we cannot see, and to `kill` it is our own group of processes.
  const left = { "cgroup.procs": `0\n${child.pid}\n` };
  const folder = t.testdir({ [`ringward-4194305-5-${namespace}-1`]: left });
  new ControlGroups([host(folder)], "1-1");
  t.strictSame(await ended, [null, "SIGKILL"]);
});

test("where no group can be made any more, no worker is started without one", (t) => {
  const groups = new ControlGroups([host(t.testdir({ "ringward-7-7-1": "in the way" }))], "7-7");
  t.throws(() => groups.make(), { code: "EEXIST" });
  t.end();
});

test("one tree of groups: beside the own group, where its parent was left to us", (t) => {
  const root = t.testdir({ proc: { self: {} }, tree: { service: { gateway: {} } } });
  const [proc, service] = [join(root, "proc"), join(root, "tree", "service")];
  writeFileSync(join(proc, "self", "cgroup"), "0::/service/gateway\n");
  writeFileSync(
    join(proc, "self", "mountinfo"),
    `31 23 0:28 / ${join(root, "tree")} rw - cgroup2 cgroup2 rw\n`,
  );
  t.match(findGroupHosts(proc), /does not bound memory and processes/);
  writeFileSync(join(service, "cgroup.subtree_control"), "cpu memory pids\n");
  t.match(findGroupHosts(proc), /not ours to write to/);
  writeFileSync(join(service, "cgroup.controllers"), "cpu memory pids\n");
  writeFileSync(join(service, "cgroup.subtree_control"), "\n");
  t.match(findGroupHosts(proc), /not ours to write to/);
  t.equal(readFileSync(join(service, "cgroup.subtree_control"), "utf8"), "+memory +pids");
  writeFileSync(join(service, "cgroup.procs"), "");
  const found = findGroupHosts(proc);
  t.match(found, [{ folder: service }]);
  const settings = Object.fromEntries(typeof found === "string" ? [] : (found[0]?.settings ?? []));
  t.strictSame(settings, {
    "memory.max": String(limits.workerGroupBytes),
    "memory.swap.max": "0",
    "memory.oom.group": "1",
    "pids.max": String(limits.workerProcesses),
  });
  t.end();
});

test("several trees of groups: beneath the own group of each, as far as it is mounted", (t) => {
  const root = t.testdir({ proc: { self: {} }, memory: { own: {} }, pids: {} });
  const proc = join(root, "proc");
  writeFileSync(join(proc, "self", "cgroup"), "4:memory:/docker/own\n8:cpu,pids:/\n0::/\n");
  const mounts = [
    `1 1 0:1 /docker ${join(root, "memory")} rw - cgroup cgroup rw,memory`,
    `2 1 0:2 / ${join(root, "pids")} rw - cgroup cgroup rw,cpu,pids`,
  ];
  writeFileSync(join(proc, "self", "mountinfo"), `${mounts.join("\n")}\n`);
  const folders = [join(root, "memory", "own"), join(root, "pids")];
  for (const folder of folders) writeFileSync(join(folder, "cgroup.procs"), "");
  t.match(
    findGroupHosts(proc),
    folders.map((folder) => ({ folder })),
  );
  writeFileSync(join(proc, "self", "mountinfo"), `${mounts[0]}\n`);
  t.match(findGroupHosts(proc), /does not bound memory and processes/);
  t.end();
});
