import type { Jail } from "./jail.ts";
import {
  buildView,
  findUtilLinux,
  type Inside,
  isRoot,
  leaveRoot,
  oneArena,
  ownUserSpace,
  viewFolder,
  viewWords,
} from "./launch.ts";

/** The walls, made of nothing but util-linux. Undefined where one of its programs is missing. */
export function withUtilLinux({ view, bounds, command }: Inside): Jail | undefined {
  const tools = findUtilLinux();
  if (!tools) return undefined;
  const { unshare, setpriv, sh, prlimit, env } = tools;
  const spaces = ["--net", "--pid", "--ipc", "--uts", "--mount", "--mount-proc"];
  // Root builds without a user namespace, because only root may be able to read what is bound.
  const args = [
    ...["--pdeathsig", "KILL", unshare, ...(isRoot() ? [] : ownUserSpace)],
    ...[...spaces, "--fork", "--kill-child=KILL"],
    ...[sh, "-c", buildTree, "jail", ...viewWords(view)],
    ...(isRoot() ? [...leaveRoot(tools), unshare, ...ownUserSpace] : []),
    ...[setpriv, "--no-new-privs", prlimit, ...bounds, env, "-i"],
    oneArena,
    // Another user namespace maps nobody, and the kernel refuses the next to whom is in a chroot.
    ...[unshare, "--user", `--root=/${viewFolder}`, "--wd=/", ...command],
  ];
  return { file: setpriv, args, launcher: "util-linux" };
}

/**
 * The tree that the view stands in has the programs that are still to be run, outside of the view.
 * The old tree is dropped.
 */
const buildTree = `${buildView}
mkdir old proc
for folder in usr lib lib64 bin sbin; do
  if [ -L /$folder ]; then cp -P /$folder $folder
  elif [ -d /$folder ]; then mkdir $folder; bind /$folder $folder
  fi
done
mount -n -o bind /proc proc
pivot_root . old
cd /
mount -n -o remount,bind,ro,nosuid,nodev /
umount -n -l /old
exec "$@"`;
