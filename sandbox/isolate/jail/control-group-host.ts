import { accessSync, constants, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { limits } from "../../../manifests/limits.ts";
import { readText } from "./processes.ts";

/** A folder of the kernel's control groups in which this process may make groups of its own. */
export interface GroupHost {
  readonly folder: string;
  /** What is written into a new group: file and text. A file that the kernel lacks is left out. */
  readonly settings: readonly (readonly [file: string, text: string])[];
}

const memory = String(limits.workerGroupBytes);
const processes = String(limits.workerProcesses);

/**
 * Where groups that bound memory and processes can be made: one folder where the kernel has one tree
 * of groups, one for each of the two where it has several. A text says why there is none.
 */
export function findGroupHosts(proc: string = "/proc"): readonly GroupHost[] | string {
  const groups = parseGroups(readFileSync(join(proc, "self/cgroup"), "utf8"));
  const mounts = parseMounts(readFileSync(join(proc, "self/mountinfo"), "utf8"));
  const hosts = groups.has("memory") ? separateTrees(groups, mounts) : oneTree(groups, mounts);
  if (typeof hosts === "string") return hosts;
  const closed = hosts.find(({ folder }) => !isWritable(folder));
  return closed ? `${closed.folder} is not ours to write to` : hosts;
}

type Groups = ReadonlyMap<string, string>;

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly kind: string;
  readonly options: readonly string[];
}

/** Group by controller; the one tree of newer kernels has the name "". */
function parseGroups(text: string): Groups {
  const lines = text.trimEnd().split("\n");
  return new Map(
    lines.flatMap((line) => {
      const [, controllers = "", ...path] = line.split(":");
      return controllers.split(",").map((name) => [name, path.join(":")] as const);
    }),
  );
}

function parseMounts(text: string): readonly Mount[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [before = "", after = ""] = line.split(" - ");
      const [, , , root = "", point = ""] = before.split(" ");
      const [kind = "", , options = ""] = after.split(" ");
      return { root, point, kind, options: options.split(",") };
    });
}

function separateTrees(groups: Groups, mounts: readonly Mount[]): readonly GroupHost[] | string {
  const folderOf = (name: string): string | undefined => {
    const mount = mounts.find(({ kind, options }) => kind === "cgroup" && options.includes(name));
    return mount && folderIn(mount, groups.get(name) ?? "/");
  };
  const [forMemory, forProcesses] = [folderOf("memory"), folderOf("pids")];
  if (!forMemory || !forProcesses) return "this kernel does not bound memory and processes";
  const withSwap = [
    ["memory.limit_in_bytes", memory],
    ["memory.memsw.limit_in_bytes", memory],
    ["memory.swappiness", "0"],
  ] as const;
  return [
    { folder: forMemory, settings: withSwap },
    { folder: forProcesses, settings: [["pids.max", processes]] },
  ];
}

/**
 * Here a group that has groups may hold no process, so ours stand beside the one of this process. That
 * is so where a service manager was told to leave this part of the tree to us.
 */
function oneTree(groups: Groups, mounts: readonly Mount[]): readonly GroupHost[] | string {
  const mount = mounts.find(({ kind }) => kind === "cgroup2");
  const own = groups.get("");
  if (!mount || own === undefined) return "this kernel has no control groups";
  if (own === "/") return "this process is in the root group, beside which there is none";
  const folder = dirname(folderIn(mount, own));
  if (!isEnabled(folder)) return `${folder} does not bound memory and processes`;
  const settings = [
    ["memory.max", memory],
    ["memory.swap.max", "0"],
    ["memory.oom.group", "1"],
    ["pids.max", processes],
  ] as const;
  return [{ folder, settings }];
}

/** What was handed to us may still have to be handed on. */
function isEnabled(folder: string): boolean {
  const has = (file: string): boolean => {
    const names = readText(join(folder, file)).trim().split(" ");
    return ["memory", "pids"].every((name) => names.includes(name));
  };
  if (has("cgroup.subtree_control")) return true;
  if (!has("cgroup.controllers")) return false;
  try {
    writeFileSync(join(folder, "cgroup.subtree_control"), "+memory +pids");
    return true;
  } catch {
    return false;
  }
}

function folderIn({ root, point }: Mount, path: string): string {
  return join(point, root !== "/" && path.startsWith(root) ? path.slice(root.length) : path);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    accessSync(join(folder, "cgroup.procs"), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
