import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Every process that comes from `pid`, as far as this process may see; without esbuild's service,
 * which is no part of the sandbox and stays for whoever builds next.
 */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name)) parents.set(Number(name), parentOf(Number(name)));
  }
  const found = [pid];
  for (const ancestor of found) {
    for (const [child, parent] of parents) if (parent === ancestor) found.push(child);
  }
  return found.slice(1);
}

function parentOf(pid: number): number {
  const stat = readProcess(pid, "stat");
  if (stat.slice(0, stat.lastIndexOf(")")).endsWith("(esbuild")) return 0;
  return Number(fieldsOf(stat)[1] ?? 0);
}

/** Resolves when nothing comes from this process any more. */
export async function noneLeft(): Promise<void> {
  while (descendants(process.pid).length > 0) await sleep(5);
}

/** Hundredths of a second of processor; 0 for a process that has gone. */
export function cpuTicks(pid: number): number {
  const [user = 0, system = 0] = fieldsOf(readProcess(pid, "stat")).slice(11, 13);
  return Number(user) + Number(system);
}

/** 0 for a process that has gone. */
export function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readProcess(pid, "status"))?.[1] ?? 0);
}

/** A file of the kernel's about a process; empty where it has gone. */
export function readProcess(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
}

/** From the state on: the name before it may hold anything. */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
