import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { containerLimits } from "../../../manifests/container-limits.ts";

/**
 * Kills all processes of a container that has begun, where this process sees their control group, and
 * resolves with true when none is left: the kernel says so at once, while the engine's word takes as
 * long as all its tidying up. False where that is not seen here; the engine ends it then.
 */
export async function endProcesses(container: string): Promise<boolean> {
  const list = listsOf(container).find((path) => existsSync(path));
  if (list === undefined) return false;
  for (let looks = 0; looks < containerLimits.endLooks; looks += 1) {
    const processes = processesIn(list);
    // A group that was never seen with anybody in it says nothing.
    if (processes.length === 0) return looks > 0;
    if (!processes.every(isKilled)) return false;
    await sleep(1);
  }
  return false;
}

/** Where engines keep the group of a container, by version of control groups and by who makes them. */
function listsOf(container: string): readonly string[] {
  const groups = [`docker/${container}`, `system.slice/docker-${container}.scope`];
  return ["pids", ""].flatMap((hierarchy) =>
    groups.map((group) => join("/sys/fs/cgroup", hierarchy, group, "cgroup.procs")),
  );
}

function processesIn(list: string): readonly number[] {
  try {
    return readFileSync(list, "utf8").split("\n").filter(Boolean).map(Number);
  } catch {
    // The engine has removed it, which it can only when nobody is in it.
    return [];
  }
}

/** Those of another namespace of processes have no number here, and stand as 0. */
function isKilled(process_: number): boolean {
  if (!(process_ > 1)) return false;
  try {
    process.kill(process_, "SIGKILL");
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
