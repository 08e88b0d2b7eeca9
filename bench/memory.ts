import { readFileSync } from "node:fs";
import { descendantsOf } from "./process-tree.ts";

/** Megabytes of 2^20 bytes. */
export interface Memory {
  /** All resident pages; those that processes share count for each of them. */
  readonly rssMb: number;
  /** The same with each shared page divided among those who share it. */
  readonly pssMb: number;
  /** What would be free if it ended: what one more of its kind costs. */
  readonly privateMb: number;
}

/** Of a process and everything that comes from it, as the kernel counts it now. */
export function memoryOf(pid: number): Memory {
  const texts = [pid, ...descendantsOf(pid).map((process) => process.pid)].map(readRollup);
  const sumMb = (...fields: readonly string[]): number => {
    const kilobytes = texts.flatMap((text) => fields.map((field) => numberAt(text, field)));
    return kilobytes.reduce((sum, value) => sum + value, 0) / 1_024;
  };
  return {
    rssMb: sumMb("Rss"),
    pssMb: sumMb("Pss"),
    privateMb: sumMb("Private_Clean", "Private_Dirty"),
  };
}

/** Nothing for a process that has ended meanwhile. */
function readRollup(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  } catch {
    return "";
  }
}

function numberAt(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0);
}
