import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Test } from "tap";
import type { Jail } from "../../sandbox/isolate/jail/jail.ts";
import { jailCommand, type LauncherName, launchers } from "../../sandbox/isolate/jail/jail.ts";
import { spawnJailed } from "../../sandbox/isolate/jail/spawn-jailed.ts";
import { isRequired } from "../support/require.ts";

/** What came of an attacker's machine code within a worker's walls. */
export interface Intrusion {
  /** What each thing it did returned; an error is its number below zero. */
  readonly returned: readonly number[];
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly complaint: string;
}

/** Numbers on x86-64 and arm64. */
const numbers: Readonly<Record<string, readonly [number, number]>> = {
  ...{ openat: [257, 56], mkdirat: [258, 34], unlinkat: [263, 35], mknodat: [259, 33] },
  ...{ fchmodat: [268, 53], ftruncate: [77, 46], memfd_create: [319, 279], getdents64: [217, 61] },
  ...{ socket: [41, 198], socketpair: [53, 199], connect: [42, 203], bind: [49, 200] },
  ...{ setsockopt: [54, 208] },
  ...{ kill: [62, 129], tgkill: [234, 131], ptrace: [101, 117], process_vm_readv: [310, 270] },
  ...{ pidfd_open: [434, 434], setresuid: [117, 147], setgroups: [116, 159], capset: [126, 91] },
  ...{ prlimit64: [302, 261], setns: [308, 268], unshare: [272, 97], clone: [56, 220] },
  ...{ clone3: [435, 435], mount: [165, 40], umount2: [166, 39], chroot: [161, 51] },
  ...{ pivot_root: [155, 41], open_tree: [428, 428], keyctl: [250, 219], bpf: [321, 280] },
  ...{ perf_event_open: [298, 241], userfaultfd: [323, 282], io_uring_setup: [425, 425] },
  ...{ execve: [59, 221], execveat: [322, 281], personality: [135, 92], seccomp: [317, 277] },
  ...{ mmap: [9, 222], mprotect: [10, 226], pkey_mprotect: [329, 288], shmget: [29, 194] },
  ...{ prctl: [157, 167], ioctl: [16, 29], fcntl: [72, 25], getpid: [39, 172], write: [1, 64] },
};

/** One system call, as the intruder takes it. */
export function call(name: string, ...values: readonly (string | number)[]): string {
  const number = numbers[name]?.[process.arch === "arm64" ? 1 : 0];
  if (number === undefined) throw new Error(`no number of \`${name}\``);
  return [number, ...values].join(",");
}

export interface How {
  readonly launcher: LauncherName;
  readonly jit?: boolean;
  /** Takes a wall out. */
  readonly change?: (jail: Jail) => Jail;
}

export type Intrude = (things: readonly string[], how: How) => Promise<Intrusion>;

/** Undefined where there is no C compiler and nobody insists on one. */
export function buildIntruder(t: Pick<Test, "fail" | "comment" | "testdir">): Intrude | undefined {
  if (process.platform !== "linux") return undefined;
  const program = compileIntruder(t);
  return program === undefined ? undefined : (things, how) => intrude(program, things, how);
}

/** The program's path. */
export function compileIntruder(t: Pick<Test, "fail" | "comment" | "testdir">): string | undefined {
  const program = join(t.testdir({}), "intruder");
  const source = join(import.meta.dirname, "..", "support", "intruder.c");
  const { status, stderr } = spawnSync("cc", ["-O1", "-static", "-o", program, source]);
  if (status === 0) return program;
  if (isRequired("cc")) t.fail(`RINGWARD_REQUIRE asks for \`cc\`: ${stderr}`);
  else t.comment("left out: there is no C compiler here for the intruder");
  return undefined;
}

/** The same jail as a worker's, with another program in Node's place. */
export async function intrude(
  program: string,
  things: readonly string[],
  { launcher, jit = false, change = (jail) => jail }: How,
): Promise<Intrusion> {
  const jail = jailCommand("intruder", things, { launcher, jit });
  if (!jail) throw new Error(`no ${launcher} here`);
  const args = jail.args.map((word) => (word === process.execPath ? program : word));
  const child = spawnJailed(change({ ...jail, args }));
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => {});
  child.stdin.end();
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  const lines = Buffer.concat(stdout).toString().split("\n").slice(0, -1);
  return { returned: lines.map(Number), signal, code, complaint: Buffer.concat(stderr).toString() };
}

/** Those that the tests are about; a missing one that somebody insists on is a failure. */
export function testedLaunchers(t: Test): readonly LauncherName[] {
  const found = launchers();
  for (const launcher of ["bubblewrap", "util-linux"] as const) {
    if (found.includes(launcher)) continue;
    if (isRequired(launcher)) t.fail(`RINGWARD_REQUIRE asks for ${launcher}`);
    else t.comment(`left out: ${launcher} is not here, or may not do its work`);
  }
  return found;
}

/** The same jail with these words left out of its command. */
export function without(...words: readonly string[]): (jail: Jail) => Jail {
  return (jail) => ({ ...jail, args: jail.args.filter((word) => !words.includes(word)) });
}

export function withoutFilter({ filter: _, ...jail }: Jail): Jail {
  const at = jail.args.indexOf("--seccomp");
  return at < 0 ? jail : { ...jail, args: jail.args.toSpliced(at, 2) };
}
