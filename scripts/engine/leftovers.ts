import { readdirSync, readFileSync, rmdirSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const endMs = 20_000;

/**
 * Ends what an engine left behind that died: programs that were told its folder, and whatever is in
 * its containers' control groups; and removes the groups.
 */
export async function endLeftovers(folder: string): Promise<void> {
  const until = performance.now() + endMs;
  for (;;) {
    const left = [...told(folder), ...groupsOf(folder).flatMap(membersOf)];
    for (const pid of left) kill(pid);
    const groups = groupsOf(folder);
    for (const group of groups) removeGroup(group);
    if (left.length === 0 && groupsOf(folder).length === 0) return;
    if (performance.now() > until) throw new Error(`${folder}: what an engine left does not end`);
    await sleep(20);
  }
}

/** Processes in whose command line the folder stands; not this one, nor what has ended. */
function told(folder: string): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids
    .map(Number)
    .filter((pid) => pid !== process.pid && textOf(`/proc/${pid}/cmdline`).includes(`${folder}/`));
}

/** With the groups inside them, outermost first; one in each hierarchy where there are several. */
function groupsOf(folder: string): readonly string[] {
  const mount = "/sys/fs/cgroup";
  const name = basename(folder);
  const hierarchies = [mount, ...foldersIn(mount)];
  return hierarchies.flatMap((hierarchy) => {
    return foldersIn(hierarchy)
      .filter((path) => basename(path) === name)
      .flatMap(withFolders);
  });
}

function withFolders(folder: string): readonly string[] {
  return [folder, ...foldersIn(folder).flatMap(withFolders)];
}

function foldersIn(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

function membersOf(group: string): readonly number[] {
  return textOf(join(group, "cgroup.procs")).split("\n").filter(Boolean).map(Number);
}

function removeGroup(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // Something is in it still; the next round finds it.
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
