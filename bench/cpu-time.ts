import { readdirSync, readFileSync } from "node:fs";

/**
 * Processor seconds that this process and all its descendants have used so far, those that have
 * ended and been waited for included. Linux only; the clock ticks a hundred times a second, so
 * measure for seconds.
 */
export function cpuSeconds(): number {
  const own = process.cpuUsage();
  const processes = readProcesses();
  const ended = processes.get(process.pid)?.endedTicks ?? 0;
  const descendants = descendantsOf(process.pid, processes);
  const ticks = descendants.reduce((sum, { ticks, endedTicks }) => sum + ticks + endedTicks, ended);
  return (own.user + own.system) / 1e6 + ticks / ticksPerSecond;
}

const ticksPerSecond = 100;

interface ProcessTimes {
  readonly parent: number;
  readonly ticks: number;
  /** Of its own children that ended and that it waited for. */
  readonly endedTicks: number;
}

function readProcesses(): ReadonlyMap<number, ProcessTimes> {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(pids.flatMap((pid) => readProcess(Number(pid))));
}

function readProcess(pid: number): [number, ProcessTimes][] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything; the numbers follow the last one.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, parent = 0] = fields;
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
    return [[pid, { parent, ticks: user + system, endedTicks: endedUser + endedSystem }]];
  } catch {
    // It ended while we looked.
    return [];
  }
}

function descendantsOf(
  pid: number,
  processes: ReadonlyMap<number, ProcessTimes>,
): readonly ProcessTimes[] {
  const children = [...processes].filter(([, { parent }]) => parent === pid);
  return children.flatMap(([child, times]) => [times, ...descendantsOf(child, processes)]);
}
