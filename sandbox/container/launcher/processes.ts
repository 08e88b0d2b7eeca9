import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { containerLimits } from "../../../manifests/container-limits.ts";

/**
 * The processes of a container, where this process sees their control group. The kernel says at once
 * when none is left, while the engine's word takes as long as all its tidying up.
 */
export class Processes {
  readonly #list: string;

  /** Of a container that has started; undefined where nothing is seen of it. */
  static of(container: string): Processes | undefined {
    const list = listsOf(container).find((path) => existsSync(path));
    if (list === undefined) return undefined;
    // A group that is empty from the start is not where the container's processes are.
    return processesIn(list).length > 0 ? new Processes(list) : undefined;
  }

  private constructor(list: string) {
    this.#list = list;
  }

  /** Kills them, and resolves with true when none is left; false where they are not seen to end. */
  async end(): Promise<boolean> {
    for (let looks = 0; looks < containerLimits.endLooks; looks += 1) {
      const processes = processesIn(this.#list);
      if (processes.length === 0) return true;
      if (!processes.every(isKilled)) return false;
      await sleep(1);
    }
    return false;
  }
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
