import { readdirSync, readFileSync } from "node:fs";

export interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  /** Hundredths of a second of processor. */
  readonly ticks: number;
  /** Of its own children that ended and that it waited for. */
  readonly endedTicks: number;
}

/** Every process that this one may see. Linux only. */
export function readProcesses(): ReadonlyMap<number, ProcessTimes> {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(
    pids.flatMap((pid) => readProcess(Number(pid))).map((times) => [times.pid, times]),
  );
}

function readProcess(pid: number): readonly ProcessTimes[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything; the numbers follow the last one.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, parent = 0] = fields;
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
    return [{ pid, parent, ticks: user + system, endedTicks: endedUser + endedSystem }];
  } catch {
    // It ended while we looked.
    return [];
  }
}

export function descendantsOf(
  pid: number,
  processes: ReadonlyMap<number, ProcessTimes> = readProcesses(),
): readonly ProcessTimes[] {
  const children = [...processes.values()].filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, processes)]);
}
