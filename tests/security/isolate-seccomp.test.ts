// The filter of system calls, seen by machine code in a worker. It needs bubblewrap.
import tap, { type Test, test } from "tap";
import { jailCommand } from "../../sandbox/isolate/jail/jail.ts";
import { workerSource } from "../../sandbox/isolate/jail/worker-source.ts";
import { startWorker } from "../../sandbox/isolate/pool/worker-process.ts";
import { descendants } from "../support/processes.ts";
import { buildIntruder, call, testedLaunchers, withoutFilter } from "./isolate-intruder.ts";

tap.setTimeout(110_000);

const [EPERM, EROFS, ENOSYS] = [1, 30, 38] as const;
const launcher = "bubblewrap";
const intrude = buildIntruder(tap);

function hasBubblewrap(t: Test): boolean {
  return testedLaunchers(t).includes(launcher);
}

const [anonymous, shared, ofFile] = [0x22, 0x21, 0x02] as const;
const [readWrite, readRun, allThree] = [3, 5, 7] as const;

function map(protection: number, flags: number, fd: number | string): string {
  return call("mmap", 0, 4096, protection, flags, fd, 0);
}

const openNode = call("openat", -100, '"/app/node', 0);

/** What it does, and the error that its last step meets. */
const refused: readonly (readonly [what: string, error: number, ...things: string[]])[] = [
  ["memory for new code", EPERM, map(allThree, anonymous, -1)],
  ["memory to run only", EPERM, map(4, anonymous, -1)],
  ["shared memory for new code", EPERM, map(readRun, shared, -1)],
  ["a file to write and run", EPERM, openNode, map(allThree, ofFile, "@")],
  ["to run what was written", EPERM, map(readWrite, anonymous, -1), call("mprotect", "@", 4096, 5)],
  ["the same with a key", ENOSYS, call("pkey_mprotect", "*", 4096, 5, -1)],
  ["a file without a name", ENOSYS, call("memfd_create", '"x', 0)],
  ["shared memory of old", ENOSYS, call("shmget", 0, 4096, 0o1700)],
  ["a process", EPERM, call("clone", 17, 0, 0, 0, 0)],
  ["a process that borrows the memory", EPERM, call("clone", 0x4111, 0, 0, 0, 0)],
  ["a user namespace by a new thread", EPERM, call("clone", 0x1001_0f00, 0, 0, 0, 0)],
  ["the newer way to all that", ENOSYS, call("clone3", "*", 88)],
  ["a socket", EPERM, call("socket", 2, 1, 0)],
  ["a socket of a kind of its own", EPERM, call("socket", 38, 5, 0)],
  ["a pair of sockets", EPERM, call("socketpair", 1, 1, 0, "*")],
  ["to listen", ENOSYS, call("bind", 0, "*", 16)],
  ["calls behind the filter's back", ENOSYS, call("io_uring_setup", 8, "*")],
  ["to signal others", EPERM, call("tgkill", 2, 2, 9)],
  ["to be traceable", EPERM, call("prctl", 4, 1)],
  ["to look at its filter", EPERM, call("prctl", 21, 0)],
  ["another limit", EPERM, call("prlimit64", 0, 6, "~0000000000000000", 0)],
  ["to write keys into the terminal", EPERM, call("ioctl", 0, 0x5412, '"x')],
  ["a lock", EPERM, call("fcntl", 0, 6, "*")],
  ["to hear of changes", EPERM, call("fcntl", 0, 1026, 1)],
  ["a file to write", EROFS, call("openat", -100, '"/app/node', 1)],
  ["a file without a folder", EROFS, call("openat", -100, '"/', 0o20200002, 0o600)],
  ["to cut a file", EROFS, call("ftruncate", 0, 0)],
  ["more rights", ENOSYS, call("capset", "*", "*")],
  ["a program from a descriptor", ENOSYS, openNode, call("execveat", "@", '"', 0, 0, 0x1000)],
  ["a call that no kernel has", ENOSYS, "1000"],
];

test("the filter refuses what no worker needs, whatever lies behind it", async (t) => {
  if (!intrude || !hasBubblewrap(t)) return;
  const things = refused.flatMap(([, , ...own]) => own);
  const { returned, complaint } = await intrude(things, { launcher });
  t.equal(returned.length, things.length, `it lived to the end ${complaint}`);
  const left = [...returned];
  for (const [what, error, ...own] of refused) {
    t.equal(left.splice(0, own.length).at(-1), -error, what);
  }
});

const deadly: readonly (readonly [what: string, thing: string])[] = [
  ["trace", call("ptrace", 0, 0, 0, 0)],
  ["read another's memory", call("process_vm_readv", 2, "*", 1, "*", 1, 0)],
  ["hold another process", call("pidfd_open", 1, 0)],
  ["leave its namespaces", call("setns", 0, 0)],
  ["get new namespaces", call("unshare", 0x1000_0000)],
  ["mount", call("mount", '"none', '"/app', '"tmpfs', 0, 0)],
  ["unmount", call("umount2", '"/app/node', 2)],
  ["change its root", call("chroot", '"/app')],
  ["turn its root", call("pivot_root", '"/', '"/app')],
  ["take a tree along", call("open_tree", -100, '"/', 1)],
  ["ask for keys", call("keyctl", 0, -3, 0)],
  ["run code in the kernel", call("bpf", 5, "*", 48)],
  ["watch the machine", call("perf_event_open", "*", 0, -1, -1, 0)],
  ["answer page faults", call("userfaultfd", 1)],
  ["make all memory runnable", call("personality", 0x040_0000)],
  ["add a filter", call("seccomp", 1, 0, "*")],
  ["call by another table", process.arch === "x64" ? String(0x4000_0000 + 39) : "0x40000000"],
];

test("the filter ends who does what no Node ever does", async (t) => {
  if (!intrude || !hasBubblewrap(t)) return;
  for (const [what, thing] of deadly) {
    const { returned, code } = await intrude([thing, call("getpid")], { launcher });
    t.strictSame([returned, code], [[], 128 + 31], what);
  }
  t.strictSame(descendants(process.pid), [], "nothing of them is left");
});

test("without the filter new code could be made, so it is the filter that holds", async (t) => {
  if (!intrude || !hasBubblewrap(t)) return;
  const { returned } = await intrude([map(allThree, anonymous, -1)], {
    launcher,
    change: withoutFilter,
  });
  t.ok((returned[0] ?? -1) > 0);
});

test("what the operator pinned may make machine code, and no more than that", async (t) => {
  if (!intrude || !hasBubblewrap(t)) return;
  const things = [
    map(allThree, anonymous, -1),
    call("clone", 17, 0, 0, 0, 0),
    call("socket", 2, 1, 0),
  ];
  const { returned } = await intrude(things, { launcher, jit: true });
  t.ok((returned[0] ?? -1) > 0);
  t.strictSame(returned.slice(1), [-EPERM, -EPERM]);
});

test("a worker whose filter is gone is refused", async (t) => {
  if (!hasBubblewrap(t)) return;
  const jail = jailCommand(workerSource("main"), [], { launcher });
  if (!jail?.filter) throw new Error("no filter");
  const { args } = withoutFilter(jail);
  const { filter } = jail;
  const bare = { ...withoutFilter(jail), args };
  await (await startWorker(bare, 32)).kill();
  t.pass("without a filter it starts, where none was to be");
  const cause = await startWorker({ ...jail, args }, 32).catch(({ cause: why }: Error) => why);
  t.match(
    cause,
    { message: /no wall `system-call filter`/ },
    `${filter.length} bytes that nobody reads`,
  );
  t.strictSame(descendants(process.pid), []);
});
