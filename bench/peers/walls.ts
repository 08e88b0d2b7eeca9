import { readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { descendantsOf, type ProcessTimes, readProcesses } from "../process-tree.ts";
import type { RunningPeer } from "./peer.ts";

/** What stands around the process that a guest runs in, should the engine itself fall. */
export interface ProcessWalls {
  /** It is not the process that takes the calls. */
  readonly ownProcess: boolean;
  readonly ownNetwork: boolean;
  readonly ownFiles: boolean;
  readonly otherUser: boolean;
  readonly noCapability: boolean;
  readonly noNewPrivileges: boolean;
  readonly systemCallFilter: boolean;
  readonly boundedMemory: boolean;
}

/**
 * Looks at the process that uses most of the processor meanwhile: a guest has to be looping.
 * Undefined where none does.
 */
export async function wallsOfBusiest(peer: RunningPeer): Promise<ProcessWalls | undefined> {
  const before = processesOf(peer);
  await sleep(watchMs);
  const ticksBefore = new Map(before.map(({ pid, ticks }) => [pid, ticks]));
  const [busiest] = processesOf(peer)
    .map(({ pid, ticks }) => ({ pid, ticks: ticks - (ticksBefore.get(pid) ?? 0) }))
    .sort((a, b) => b.ticks - a.ticks);
  if (!busiest || busiest.ticks === 0) return undefined;
  return wallsOf(busiest.pid, peer.host);
}

const watchMs = 400;

function processesOf(peer: RunningPeer): readonly ProcessTimes[] {
  const all = readProcesses();
  return peer.pids().flatMap((pid) => {
    const own = all.get(pid);
    return [...(own ? [own] : []), ...descendantsOf(pid, all)];
  });
}

function wallsOf(pid: number, host: number | undefined): ProcessWalls | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const bounds = readFileSync(`/proc/${pid}/limits`, "latin1");
    const field = (name: string): string =>
      new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1] ?? "";
    const isOwn = (space: string): boolean =>
      readlinkSync(`/proc/${pid}/ns/${space}`) !== readlinkSync(`/proc/self/ns/${space}`);
    return {
      ownProcess: pid !== host,
      ownNetwork: isOwn("net"),
      ownFiles: isOwn("mnt"),
      otherUser: isOwn("user") || field("Uid") !== String(process.getuid?.()),
      noCapability: /^0+$/.test(field("CapEff")),
      noNewPrivileges: field("NoNewPrivs") === "1",
      systemCallFilter: field("Seccomp") === "2",
      boundedMemory: !/^Max address space\s+unlimited/m.test(bounds),
    };
  } catch {
    // It ended while we looked.
    return undefined;
  }
}
