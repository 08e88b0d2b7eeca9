import { spawnSync } from "node:child_process";
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
import { findTools } from "./tools.ts";
import { isOpenToAll } from "./view.ts";

/** The walls, made by bubblewrap with util-linux around it. Undefined where either is missing. */
export function withBubblewrap(inside: Inside, filter?: Uint8Array): Jail | undefined {
  const tools = findUtilLinux();
  const path = findTools("bwrap")?.bwrap;
  if (!tools || path === undefined) return undefined;
  const { setpriv, unshare, sh, prlimit } = tools;
  const words = viewWords(inside.view);
  // Bubblewrap takes root's uid along into its user namespace, so root leaves it before. By then
  // what only root may read has to be bound to where everybody can; it costs a third of a start.
  const isStaged = isRoot() && !isOpenToAll(inside.view);
  const stage = isStaged ? [unshare, "--mount", sh, "-c", stageView, "jail", ...words] : [];
  const start = isRoot() ? [...stage, ...leaveRoot(tools)] : [];
  const args = [
    ...["--pdeathsig", "KILL", ...start, unshare, ...ownUserSpace, prlimit, ...inside.bounds],
    ...[path, ...walls, ...(forbidsUserSpaces(path) ? ["--disable-userns"] : [])],
    ...(filter ? ["--seccomp", String(filterDescriptor)] : []),
    ...[...binds(inside, isStaged), "--remount-ro", "/", "--chdir", "/", "--", ...inside.command],
  ];
  return { file: setpriv, args, launcher: "bubblewrap", ...(filter && { filter }) };
}

/** The pipe through which `spawnJailed` hands the filter in. */
export const filterDescriptor = 3;

const walls = [
  ...["--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534"],
  ...["--cap-drop", "ALL", "--clearenv", "--new-session", "--die-with-parent", "--as-pid-1"],
  ...["--setenv", ...oneArena.split("=")],
];

function binds({ view }: Inside, isStaged: boolean): readonly string[] {
  const stage = `/sys/${viewFolder}`;
  return view.flatMap(({ from, to }) => ["--ro-bind", isStaged ? stage + to : from, to]);
}

const stageView = `${buildView}
cd /
exec "$@"`;

/** From 0.8.0 on. */
function forbidsUserSpaces(path: string): boolean {
  const { stdout } = spawnSync(path, ["--version"], { env: {}, encoding: "utf8" });
  const [, major = "0", minor = "0"] = /^bubblewrap (\d+)\.(\d+)/.exec(stdout ?? "") ?? [];
  return Number(major) > 0 || Number(minor) >= 8;
}
