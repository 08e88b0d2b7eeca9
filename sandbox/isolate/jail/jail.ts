import { spawnSync } from "node:child_process";
import { limits } from "../../../manifests/limits.ts";
import { once } from "../../../manifests/once.ts";
import { systemCallFilter } from "../filter/system-call-filter.ts";
import { filterDescriptor, withBubblewrap } from "./bubblewrap.ts";
import { inheritedDescriptors } from "./descriptors.ts";
import { withUtilLinux } from "./util-linux.ts";
import { addonInView, addonPath, nodeInView, viewFiles } from "./view.ts";

/** A command to be started by `spawnJailed`, and which walls it puts around what it runs. */
export interface Jail {
  readonly file: string;
  readonly args: readonly string[];
  readonly launcher?: LauncherName;
  /** There are to be no walls. Only `unwalledCommand` says so. */
  readonly isUnwalled?: true;
  /** True where what runs inside may make machine code. */
  readonly jit?: boolean;
  /** What can be seen in it, by the paths in it. */
  readonly view?: readonly string[];
  /** Allows the system calls that are needed; the launcher reads it. */
  readonly filter?: Uint8Array;
}

export type LauncherName = "bubblewrap" | "util-linux";

export interface JailOptions {
  /** The first of `launchers()` where it is not said. */
  readonly launcher?: LauncherName;
  /** Only for code that the operator pinned. */
  readonly jit?: boolean;
}

/**
 * The command that runs `source` (JavaScript, a module; `process.argv` is Node, the addon's path,
 * the descriptors to close, and `words`) with this Node in a jail: no network, no other process, no
 * file but Node, the addon and their libraries (read-only), no privilege and no way to one, bounded
 * address space, processor time, descriptors and processes. It dies with its parent.
 * Undefined where no launcher is at hand; where the system forbids a step, it ends at once.
 */
export function jailCommand(
  source: string,
  words: readonly string[] = [],
  options: JailOptions = {},
): Jail | undefined {
  const { launcher = launchers()[0], jit = false } = options;
  if (launcher === undefined || !launchers().includes(launcher)) return undefined;
  const filter = launcher === "bubblewrap" ? systemCallFilter(jit) : undefined;
  const inherited = inheritedDescriptors().filter((fd) => !filter || fd !== filterDescriptor);
  const flags = [...nodeFlags(jit), "--eval", source, addonInView, inherited.join(","), ...words];
  const inside = { view: viewFiles(), bounds: boundsOf(jit), command: [nodeInView, ...flags] };
  const jail = launcher === "bubblewrap" ? withBubblewrap(inside, filter) : withUtilLinux(inside);
  return jail && { ...jail, jit, view: inside.view.map(({ to }) => to) };
}

/** What this machine can build the jail with, the stronger first. It is tried once. */
export const launchers: () => readonly LauncherName[] = once(() => names.filter(works));

/**
 * The same program with no walls at all: for a machine that can build none, where nothing but the
 * operator's own code may run, and for development.
 */
export function unwalledCommand(source: string, words: readonly string[] = []): Jail {
  const inherited = process.platform === "linux" ? inheritedDescriptors().join(",") : "";
  const args = [...nodeFlags(false), "--eval", source, addonPath(), inherited, ...words];
  return { file: process.execPath, args, isUnwalled: true };
}

const names = ["bubblewrap", "util-linux"] as const;

/**
 * Bubblewrap may be there and still be forbidden what it needs, so it is tried; what is forbidden
 * to util-linux shows with the first probe, and there is nothing to take instead.
 */
function works(launcher: LauncherName): boolean {
  if (process.platform !== "linux") return false;
  const inside = { view: viewFiles(), bounds: boundsOf(false), command: [nodeInView, "--version"] };
  if (launcher === "util-linux") return withUtilLinux(inside) !== undefined;
  // Without the filter, which cannot be handed in here.
  const jail = withBubblewrap(inside);
  if (!jail) return false;
  const { stdout } = spawnSync(jail.file, jail.args, {
    ...{ env: {}, cwd: "/", timeout: limits.workerStartMs, encoding: "utf8" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  return stdout?.trim() === process.version;
}

function nodeFlags(jit: boolean): readonly string[] {
  return [
    ...(jit ? [] : ["--jitless"]),
    // It posts work for later, for which the addon keeps a thread; an isolate lives for one call.
    "--no-memory-reducer",
    "--no-node-snapshot",
    "--enable-sharedarraybuffer-per-context",
    `--max-old-space-size=${limits.workerHeapMb}`,
    "--input-type=module",
  ];
}

function boundsOf(jit: boolean): readonly string[] {
  return [
    `--as=${jit ? limits.workerJitAddressSpaceBytes : limits.workerAddressSpaceBytes}`,
    `--cpu=${limits.workerCpuSeconds}`,
    `--nofile=${limits.workerOpenFiles}`,
    `--nproc=${limits.workerProcesses}`,
    "--core=0",
    "--fsize=0",
  ];
}
