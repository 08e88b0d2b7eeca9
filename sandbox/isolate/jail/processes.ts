import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Measured {
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/** What a process has used up to now; undefined where there is none. */
export function measureProcess(pid: number): Measured | undefined {
  const [user, system] = statFields(pid).slice(11, 13);
  if (system === undefined) return undefined;
  const residentKb = /^VmRSS:\s+(\d+)/m.exec(readText(`/proc/${pid}/status`))?.[1];
  return {
    cpuMs: (Number(user) + Number(system)) * tickMs,
    memoryBytes: Number(residentKb ?? 0) * 1_024,
  };
}

/** The kernel counts processor time for these files in hundredths of a second, everywhere. */
const tickMs = 10;

/** The first child of a process: of the jail's outer one it is the worker. */
export function firstChild(pid: number): number | undefined {
  const child = Number(readText(`/proc/${pid}/task/${pid}/children`).split(" ")[0]);
  return child > 0 ? child : undefined;
}

/** False where there is none that could be killed. */
export function killProcess(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** The processes of one process namespace, as far as this process may see. */
export function processesIn(namespace: string): readonly string[] {
  if (namespace === "") return [];
  return readdirSync("/proc").filter((pid) => /^\d/.test(pid) && pidNamespace(pid) === namespace);
}

/** Empty where there is no such process. */
export function pidNamespace(pid: number | string): string {
  return readLink(`/proc/${pid}/ns/pid`);
}

/** What the kernel tells in one line, from the state on: the name before it may hold anything. */
export function statFields(pid: number | "self"): readonly string[] {
  const stat = readText(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Empty where it cannot be read, as of a process that has gone. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Empty where it cannot be read. */
export function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
