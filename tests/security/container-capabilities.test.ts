import { test } from "tap";
import { onEachTier } from "./container-attacks.ts";
import { call, compileIntruder } from "./isolate-intruder.ts";

/** What a kernel says that does not do it. */
const refused = [-1, -13, -38];

interface Try {
  readonly id: "C02" | "C04" | "C05" | "C06" | "C07" | "C16" | "C17";
  readonly calls: readonly string[];
}

const cloneUser = 0x1000_0000 + 17;
const newUser = 0x1000_0000;
const [tmpfs, path] = ['"tmpfs', '"/tmp'];

/** Each as a program that is machine code of the attacker's own. */
const tries: Readonly<Record<string, Try>> = {
  "a user namespace": {
    id: "C04",
    calls: [call("unshare", newUser), call("clone", cloneUser, 0, 0, 0, 0)],
  },
  "all namespaces": { id: "C04", calls: [call("unshare", 0x6e02_0000)] },
  "a namespace of another's": { id: "C04", calls: [call("setns", 0, 0)] },
  "a new way to make processes": { id: "C04", calls: [call("clone3", 0, 0)] },
  "a mount": { id: "C05", calls: [call("mount", tmpfs, path, tmpfs, 0, 0)] },
  "another root": {
    id: "C05",
    calls: [call("pivot_root", path, path), call("chroot", path), call("umount2", '"/proc', 2)],
  },
  "the newer calls for mounts": { id: "C05", calls: [call("open_tree", -100, path, 1)] },
  "a device": {
    id: "C06",
    calls: [
      call("mknodat", -100, '"/tmp/zero', 0o20_666, 0x105),
      call("mknodat", -100, '"/tmp/disk', 0o60_666, 0x800),
    ],
  },
  "another process": {
    id: "C07",
    calls: [
      call("ptrace", 16, 1, 0, 0),
      call("process_vm_readv", 1, "*", 1, "*", 1, 0),
      call("pidfd_open", 1, 0),
    ],
  },
  "parts of the kernel": {
    id: "C16",
    calls: [
      call("bpf", 0, "*", 72),
      call("perf_event_open", "*", 0, -1, -1, 0),
      call("userfaultfd", 0),
      call("io_uring_setup", 8, "*"),
    ],
  },
  keys: { id: "C16", calls: [call("keyctl", 0, -3, 1)] },
  "memory that runs": { id: "C16", calls: [call("memfd_create", '"x', 0)] },
  "who one is": {
    id: "C02",
    calls: [call("setresuid", 0, 0, 0), call("setgroups", 0, "*"), call("capset", "*", "*")],
  },
  "how one is run": { id: "C16", calls: [call("personality", 0x0004_0000)] },
  "a filter of one's own": { id: "C16", calls: [call("seccomp", 1, 8, "*")] },
  // Whatever it is asked of: the filter answers before the kernel looks what it is.
  "what sockets hold, and what runs on TCP": {
    id: "C16",
    calls: [
      ...[call("setsockopt", 0, 1, 7, "*", 4), call("setsockopt", 0, 1, 8, "*", 4)],
      ...[call("setsockopt", 0, 6, 31, '"tls', 4), call("setsockopt", 0, 0, 64, "*", 4)],
    ],
  },
  "shared memory": { id: "C16", calls: [call("shmget", 0, 4_096, 0o1_666)] },
  "packets and raw sockets": {
    id: "C17",
    calls: [
      ...[call("socket", 17, 3, 768), call("socket", 2, 3, 1), call("socket", 10, 3, 58)],
      ...[call("socket", 2, 2, 0), call("socket", 2, 1, 132), call("socket", 2, 1, 262)],
    ],
  },
  "sockets of the kernel": {
    id: "C17",
    calls: [
      ...[call("socket", 16, 3, 0), call("socket", 38, 5, 0), call("socket", 40, 1, 0)],
      ...[call("socket", 31, 3, 1), call("socket", 30, 2, 0), call("socketpair", 2, 1, 0, "*")],
    ],
  },
};

const words = (calls: readonly string[]): string => calls.map((word) => `'${word}'`).join(" ");
const programs = {
  status: "cat /proc/self/status",
  ways: Object.entries(tries)
    .map(([name, { calls }]) => `echo "${name}=" $(/workspace/tool intruder x x ${words(calls)})`)
    .join("\n"),
  ptraced:
    "/workspace/tool intruder x x wait & cat /proc/$!/mem; cat /proc/1/mem; cat /proc/1/maps",
  exe: `for file in /proc/self/exe /proc/1/exe /sbin/docker-init /bin/busybox; do
      if true 2> /dev/null >> $file; then echo written $file; fi
    done; echo tried`,
};

onEachTier(
  (name, run) => test(`capabilities and calls ${name}`, run),
  (t) => {
    const tool = compileIntruder(t);
    return tool === undefined ? undefined : { programs, tool };
  },
  async (t, { attack, tier }) => {
    const { said: status } = await attack("C01", "status");
    const sets = [...status.matchAll(/^Cap\w+:\s*(\w+)$/gm)].map(([, set]) => set);
    t.ok(sets.length >= 4, "all sets are told");
    t.ok(
      sets.every((set) => /^0+$/.test(String(set))),
      `no capability: ${sets.join(" ")}`,
    );
    if (tier === "container") t.match(status, /^NoNewPrivs:\s*1$[\s\S]*^Seccomp:\s*2$/m);
    t.match(status, /^Uid:\s*65532\s65532\s65532\s65532$[\s\S]*^Gid:\s*65532\s/m);

    const { said } = await attack("C05", "ways");
    const met = new Map(said.split("\n").map((line) => line.split("=") as [string, string]));
    for (const [name, { id, calls }] of Object.entries(tries)) {
      const values = (met.get(name) ?? "").trim().split(" ").map(Number);
      t.equal(values.length, calls.length, `${id} ${name}: ${met.get(name)}`);
      // What gVisor does of it, it does on a kernel of its own, where nothing of the host's is.
      const isRefused = values.every((value) => refused.includes(value));
      t.ok(tier === "gvisor" || isRefused, `${id} ${name}: ${values.join(" ")}`);
    }

    const memory = await attack("C07", "ptraced");
    t.match(memory.said, /cat: .*(?:error|denied|Input|permitted|mem)/);
    const exe = await attack("C12", "exe");
    t.equal(exe.said, "tried\n");
  },
);
