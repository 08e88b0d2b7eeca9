import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { containerLimits } from "../../../manifests/container-limits.ts";

/**
 * The processes of a container, where this process sees their control group. The kernel says at once
 * when none is left, while the engine's word takes as long as all its tidying up; and it counts what
 * all of them together use, while a limit of the engine's counts for each of them, or for none.
 */
export class Processes {
  readonly #group: Group;
  #atFirstMs = 0;
  #lastMs = 0;

  /**
   * Of a container that has started, by the number of its first process. Undefined where nothing is
   * seen of it: this process is in another namespace, or the number is somebody else's by now.
   */
  static of(container: string, first: number): Processes | undefined {
    const group = groupOf(container, textOf(`/proc/${first}/cgroup`));
    return group && processesIn(group).includes(first) ? new Processes(group) : undefined;
  }

  private constructor(group: Group) {
    this.#group = group;
  }

  /** From now on what they use of the processor counts. */
  begin(): void {
    this.#look();
    this.#atFirstMs = this.#lastMs;
  }

  /** What they have used since `begin`, as was last seen: when they have ended there is no counter. */
  cpuMs(): number {
    this.#look();
    return this.#lastMs - this.#atFirstMs;
  }

  #look(): void {
    const { usage, nanosecondsPerUnit } = this.#group;
    const units = Number(/\d+/.exec(textOf(usage))?.[0] ?? 0);
    this.#lastMs = Math.max(this.#lastMs, (units * nanosecondsPerUnit) / 1_000_000);
  }

  /** Kills them, and resolves with true when none is left; false where they are not seen to end. */
  async end(): Promise<boolean> {
    this.#look();
    for (let looks = 0; looks < containerLimits.endLooks; looks += 1) {
      const processes = processesIn(this.#group);
      if (processes.length === 0) return true;
      if (!processes.every(isKilled)) return false;
      await sleep(1);
    }
    return false;
  }
}

interface Group {
  /** Of processes. */
  readonly list: string;
  /** The first number in it is what they have used of the processor. */
  readonly usage: string;
  readonly nanosecondsPerUnit: number;
}

/** `membership` has a line for each hierarchy: its number, its controllers, the path of the group. */
function groupOf(container: string, membership: string): Group | undefined {
  const lines = membership.split("\n").map((line) => line.split(":"));
  const pathOf = (controller: string): string | undefined =>
    lines.find(
      ([, names = "", path = ""]) =>
        names.split(",").includes(controller) && path.includes(container),
    )?.[2];
  const [pids, cpuacct, unified] = ["pids", "cpuacct", ""].map(pathOf);
  if (pids !== undefined && cpuacct !== undefined) {
    return {
      list: join(root, "pids", pids, "cgroup.procs"),
      usage: join(root, "cpuacct", cpuacct, "cpuacct.usage"),
      nanosecondsPerUnit: 1,
    };
  }
  if (unified === undefined) return undefined;
  return {
    list: join(root, unified, "cgroup.procs"),
    usage: join(root, unified, "cpu.stat"),
    nanosecondsPerUnit: 1_000,
  };
}

const root = "/sys/fs/cgroup";

function processesIn({ list }: Group): readonly number[] {
  return textOf(list).split("\n").filter(Boolean).map(Number);
}

/** Nothing where the engine has removed it, which it can only when nobody is in it. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
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
