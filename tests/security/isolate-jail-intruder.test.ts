// What is left to an attacker who runs machine code in a worker, with each launcher and all walls on.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import tap, { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import type { LauncherName } from "../../sandbox/isolate/jail/jail.ts";
import { descendants } from "../support/processes.ts";
import { buildIntruder, call, testedLaunchers, withoutFilter } from "./isolate-intruder.ts";

tap.setTimeout(110_000);

const [EPERM, ENOENT, ESRCH, EINVAL, EROFS, ENOSYS] = [1, 2, 3, 22, 30, 38] as const;
const [ENETUNREACH, ECONNREFUSED] = [101, 111] as const;
const intrude = buildIntruder(tap);
const here = -100;
const [create, readWrite] = [0o102, 0o600];

interface Attempt {
  readonly what: string;
  readonly things: readonly string[];
  /** The error that its last thing met. */
  readonly met: Readonly<Record<LauncherName, number>>;
}

function attempt(what: string, met: Attempt["met"] | number, ...things: string[]): Attempt {
  const same = typeof met === "number" ? { bubblewrap: met, "util-linux": met } : met;
  return { what, met: same, things };
}

function opening(path: string, flags: number): string {
  return call("openat", here, `"${path}`, flags, readWrite);
}

/** Met by the filter where there is one, and else by the wall behind it. */
function filtered(bubblewrap: number, behind: number): Attempt["met"] {
  return { bubblewrap, "util-linux": behind };
}

const files: readonly Attempt[] = [
  attempt("make a file in the root", EROFS, opening("/x", create)),
  attempt("make a file beside Node", EROFS, opening("/app/x", create)),
  attempt("make a file where none is", EROFS, opening("/lib64/x", create)),
  attempt("make a folder", EROFS, call("mkdirat", here, '"/lib/x', readWrite)),
  attempt("make a device", EROFS, call("mknodat", here, '"/x', 0o20600, 259)),
  attempt("remove the loader", EROFS, call("unlinkat", here, '"/lib64/ld-linux-x86-64.so.2', 0)),
  attempt("change a mode", EROFS, call("fchmodat", here, '"/app/node', 0o777)),
  attempt("see processes", ENOENT, opening("/proc", 0)),
  attempt("see devices", ENOENT, opening("/dev", 0)),
  attempt("see passwords", ENOENT, opening("/etc", 0)),
  attempt("see the system's programs", ENOENT, opening("/usr/bin", 0)),
  attempt("climb out of the root", ENOENT, opening("/../../../old", 0)),
  attempt("see the folders of the launcher", ENOENT, opening("/../view", 0)),
  attempt("run the shell", ENOENT, call("execve", '"/bin/sh', 0, 0)),
];

const privileges: readonly Attempt[] = [
  attempt("signal everybody", filtered(EPERM, ESRCH), call("kill", -1, 9)),
  attempt("signal the gateway", filtered(EPERM, ESRCH), call("kill", process.pid, 9)),
  attempt("become root", filtered(EPERM, EINVAL), call("setresuid", 0, 0, 0)),
  attempt("join root's groups", EPERM, call("setgroups", 1, "~00000000")),
  attempt("lift a limit", EPERM, call("prlimit64", 0, 7, `~${"ff".repeat(16)}`, 0)),
];

function sockets(port: number, name: string): readonly Attempt[] {
  const digits = (value: number): string => value.toString(16).padStart(4, "0");
  const loopback = `~0200${digits(port)}7f000001`;
  const elsewhere = "~02000009cb007109";
  const hidden = `~010000${Buffer.from(name).toString("hex")}`;
  const unreachable = filtered(ENOSYS, ENETUNREACH);
  const refused = filtered(ENOSYS, ECONNREFUSED);
  const tcp = call("socket", 2, 1, 0);
  return [
    attempt("reach the gateway", unreachable, tcp, call("connect", "@", loopback, 16)),
    attempt("reach the world", unreachable, tcp, call("connect", "@", elsewhere, 16)),
    attempt(
      "reach a socket without a path",
      refused,
      ...[call("socket", 1, 1, 0), call("connect", "@", hidden, 3 + name.length)],
    ),
  ];
}

test("machine code in a worker gets nowhere", async (t) => {
  if (!intrude) return;
  const name = randomUUID();
  let came = 0;
  const open = createServer(() => (came += 1)).listen({ host: "127.0.0.1", port: 0 });
  const hidden = createServer(() => (came += 1)).listen({ path: `\0${name}` });
  t.teardown(() => [open.close(), hidden.close()]);
  await Promise.all([once(open, "listening"), once(hidden, "listening")]);
  const { port } = open.address() as { port: number };
  const attempts = [...files, ...privileges, ...sockets(port, name)];
  const things = attempts.flatMap((each) => each.things);
  for (const launcher of testedLaunchers(t)) {
    const { returned, complaint } = await intrude(things, { launcher });
    t.equal(returned.length, things.length, `${launcher}: it lived to the end ${complaint}`);
    const left = [...returned];
    for (const { what, things: own, met } of attempts) {
      const ends = left.splice(0, own.length);
      t.equal(-(ends.at(-1) ?? 0), met[launcher], `${launcher}: ${what}`);
    }
  }
  t.equal(came, 0, "nobody came out");
  t.strictSame(descendants(process.pid), [], "nothing of it is left");
});

test("machine code in a worker gets no further user namespace, even without the filter", async (t) => {
  if (!intrude) return;
  const newUserSpace = call("unshare", 0x1000_0000);
  const ENOSPC = 28;
  for (const launcher of testedLaunchers(t)) {
    const { returned } = await intrude([newUserSpace], { launcher, change: withoutFilter });
    t.strictSame(returned, [launcher === "bubblewrap" ? -ENOSPC : -EPERM], launcher);
  }
});

test("machine code in a worker has few processes, even without the filter", async (t) => {
  if (!intrude) return;
  for (const launcher of testedLaunchers(t)) {
    const { returned } = await intrude(["fork"], { launcher, change: withoutFilter });
    t.ok((returned[0] ?? 200) < limits.workerProcesses, `${launcher}: ${returned[0]}`);
    t.strictSame(descendants(process.pid), [], "and they end with it");
  }
});

test("machine code in a worker has not more memory than its address space", async (t) => {
  if (!intrude) return;
  const all = call("mmap", 0, limits.workerAddressSpaceBytes, 3, 0x4022, -1, 0);
  for (const launcher of testedLaunchers(t)) {
    const { returned } = await intrude([all], { launcher });
    t.strictSame(returned, [-12], launcher);
  }
});

test("machine code in a worker that spins is ended by the kernel, whatever the gateway does", async (t) => {
  if (!intrude) return;
  const hasty = `--cpu=${limits.workerCpuSeconds}`;
  await Promise.all(
    testedLaunchers(t).map(async (launcher) => {
      const { code, signal } = await intrude(["spin"], {
        launcher,
        change: (jail) => ({
          ...jail,
          args: jail.args.map((word) => (word === hasty ? "--cpu=1" : word)),
        }),
      });
      t.notSame([code, signal], [0, null], `${launcher}: ${code} ${signal}`);
    }),
  );
});

test("a worker can run nothing but Node and the loader, within the same walls", async (t) => {
  if (!intrude) return;
  const loader = '"/lib64/ld-linux-x86-64.so.2';
  for (const launcher of testedLaunchers(t)) {
    const { returned, complaint } = await intrude([call("execve", loader, 0, 0)], { launcher });
    t.strictSame(returned, [], "the loader takes the process over");
    t.match(complaint, /missing program name/, launcher);
  }
});
