import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { limits } from "../../manifests/limits.ts";
import { inheritedDescriptors } from "./descriptors.ts";

export interface Jail {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The command that runs `source` (JavaScript, a module; `process.argv` is Node, the addon's path,
 * the descriptors to close, and `words`) with this Node in a jail, made of nothing but util-linux:
 * no network, no other process, no file beside the system's libraries, Node and the addon
 * (read-only), no privilege and no way to one, empty environment, bounded address space, processor
 * time, descriptors and processes. It dies with its parent.
 * Undefined where a tool of the system is missing; where the system forbids a step, it ends at once.
 */
export function jailCommand(source: string, words: readonly string[] = []): Jail | undefined {
  const tools = findTools();
  if (!tools || process.platform !== "linux") return undefined;
  const inherited = inheritedDescriptors().join(",");
  const isRoot = process.getuid?.() === 0;
  // Root has no need of a user namespace to build the jail, and leaves its own uid before entering.
  const spaces = ["--net", "--pid", "--ipc", "--uts", "--mount", "--mount-proc"];
  const args = [
    ...["--pdeathsig", "KILL", tools.unshare],
    ...(isRoot ? [] : ["--user", "--map-root-user"]),
    ...[...spaces, "--fork", "--kill-child=KILL"],
    ...[tools.sh, "-c", buildJail, "jail", process.execPath, addonPath()],
    ...(isRoot ? [tools.setpriv, ...leaveRoot] : []),
    // A second user namespace maps nobody; the kernel refuses a third one to whom is in a chroot.
    ...[tools.unshare, "--user", "--root=/r", "--wd=/"],
    ...[tools.setpriv, "--no-new-privs", tools.prlimit, ...bounds],
    ...[tools.env, "-i", "/app/node", ...nodeFlags, "--eval", source],
    ...["/app/addon.node", inherited, ...words],
  ];
  return { file: tools.setpriv, args };
}

const leaveRoot = [
  ...["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"],
  // Changing the uid clears it.
  "--pdeathsig=KILL",
];

const bounds = [
  `--as=${limits.workerAddressSpaceBytes}`,
  `--cpu=${limits.workerCpuSeconds}`,
  `--nofile=${limits.workerOpenFiles}`,
  `--nproc=${limits.workerProcesses}`,
  "--core=0",
  "--fsize=0",
];

const nodeFlags = [
  "--jitless",
  "--no-node-snapshot",
  "--enable-sharedarraybuffer-per-context",
  `--max-old-space-size=${limits.workerHeapMb}`,
  "--input-type=module",
];

/**
 * Makes a small read-only tree, moves into it and drops the old one. Built over `/sys`, where no
 * file of ours can lie. The tree is beneath `/r`, so that who is in it stays in a chroot.
 * `nosuid,nodev` are named because a user namespace may not clear them.
 */
const buildJail = `set -e
PATH=/usr/bin:/bin:/usr/sbin:/sbin
node=$1 addon=$2
shift 2
bind() { mount -n -o bind,ro,nosuid,nodev "$1" "$2"; }
mount -n -t tmpfs -o mode=755,size=1m,nosuid,nodev none /sys
cd /sys
mkdir old r r/app
for folder in usr lib lib64 bin sbin; do
  if [ -L /$folder ]; then cp -P /$folder r/$folder
  elif [ -d /$folder ]; then mkdir r/$folder; bind /$folder r/$folder
  else continue
  fi
  ln -s r/$folder $folder
done
: > r/app/node
: > r/app/addon.node
bind "$node" r/app/node
bind "$addon" r/app/addon.node
ln -s old/proc proc
pivot_root . old
cd /
mount -n -o remount,bind,ro,nosuid,nodev /
umount -n -l /old
exec "$@"`;

type Tool = "sh" | "env" | "setpriv" | "prlimit" | "unshare" | "mount" | "umount" | "pivot_root";

const folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/** By absolute path: what the gateway's PATH says must not choose what builds the jail. */
function findTools(): Record<Tool, string> | undefined {
  const names: Tool[] = [
    ...(["sh", "env", "setpriv", "prlimit", "unshare"] as const),
    ...(["mount", "umount", "pivot_root"] as const),
  ];
  const found = names.map((name) => [
    name,
    folders.map((folder) => join(folder, name)).find((path) => existsSync(path)),
  ]);
  if (found.some(([, path]) => path === undefined)) return undefined;
  return Object.fromEntries(found) as Record<Tool, string>;
}

/** The addon's file, without loading it: the library's own loader picks it the same way. */
function addonPath(): string {
  const folder = dirname(createRequire(import.meta.url).resolve("isolated-vm/package.json"));
  const libc = existsSync("/etc/alpine-release") ? "musl" : "glibc";
  const name = `isolated-vm.abi${process.versions.modules}.${libc}.node`;
  const built = join(folder, "build", "Release", "isolated_vm.node");
  if (existsSync(built)) return built;
  return join(folder, "prebuilds", `linux-${process.arch}`, name);
}
