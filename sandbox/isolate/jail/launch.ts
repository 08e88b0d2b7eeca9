import { findTools } from "./tools.ts";
import type { ViewFile } from "./view.ts";

/** What a launcher puts into its walls. */
export interface Inside {
  readonly view: readonly ViewFile[];
  /** Options of `prlimit`. */
  readonly bounds: readonly string[];
  /** Node and its words, by the paths of the view. */
  readonly command: readonly string[];
}

/** Of util-linux, but for `sh`; every Linux has them. */
export function findUtilLinux(): UtilLinux | undefined {
  const names = ["sh", "env", "setpriv", "prlimit", "unshare"] as const;
  return findTools(...names, "mount", "umount", "pivot_root");
}

export type UtilLinux = NonNullable<
  ReturnType<typeof findTools<"sh" | "env" | "setpriv" | "prlimit" | "unshare">>
>;

/**
 * A process count is one user's. In a user namespace of its own the worker is the only one who is
 * counted, whoever else runs under the same id.
 */
export const ownUserSpace: readonly string[] = ["--user", "--map-root-user"];

/**
 * For glibc, which otherwise sets 64 MB of addresses aside for each thread that ever allocates, and
 * takes the worker's room from the guest. It is the one variable that a worker starts with.
 */
export const oneArena: string = "MALLOC_ARENA_MAX=1";

/** Changing the uid clears what is to happen at the parent's death, so it is said again. */
export function leaveRoot({ setpriv }: UtilLinux): readonly string[] {
  const ids = ["--reuid=65534", "--regid=65534", "--clear-groups"];
  return [setpriv, ...ids, "--inh-caps=-all", "--bounding-set=-all", "--pdeathsig=KILL"];
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Where `buildView` puts the view, beneath the folder that it works in. */
export const viewFolder: string = "view";

/**
 * Lines of `sh` that make a small tree over `/sys`, where no file of ours can lie, and bind the files
 * of the view into it. They take pairs of paths from the words up to `--`. `nosuid,nodev` are named
 * because a user namespace may not clear them.
 */
export const buildView: string = `set -e
PATH=/usr/bin:/bin:/usr/sbin:/sbin
bind() { mount -n -o bind,ro,nosuid,nodev "$1" "$2"; }
mount -n -t tmpfs -o mode=755,size=1m,nosuid,nodev none /sys
cd /sys
while [ "$1" != -- ]; do
  folder="${viewFolder}\${2%/*}"
  [ -d "$folder" ] || mkdir -p "$folder"
  : > "${viewFolder}$2"
  bind "$1" "${viewFolder}$2"
  shift 2
done
shift`;

/** The words that `buildView` takes. */
export function viewWords(view: readonly ViewFile[]): readonly string[] {
  return [...view.flatMap(({ from, to }) => [from, to]), "--"];
}
