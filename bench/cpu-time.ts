import { descendantsOf, readProcesses } from "./process-tree.ts";

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
