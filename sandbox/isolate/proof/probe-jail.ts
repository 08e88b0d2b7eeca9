import { isJsonObject } from "../../../manifests/json.ts";
import { limits } from "../../../manifests/limits.ts";
import { parseStrictJson } from "../../../manifests/strict-json.ts";
import type { Wall } from "../../sandbox.ts";
import { wall } from "../../wall.ts";
import type { Jail } from "../jail/jail.ts";
import { pidNamespace, processesIn } from "../jail/processes.ts";
import { workerSource } from "../jail/worker-source.ts";
import { innerWalls } from "./inner-walls.ts";
import { absentWalls, outerWalls } from "./outer-walls.ts";
import type { Aims } from "./probe-aims.ts";
import { type ProbeProcess, startProbe } from "./probe-process.ts";
import { type SetSnares, setSnares } from "./probe-snares.ts";

export interface ProbeOptions {
  /** Puts a program into the jail that is to be measured. */
  build(source: string, words: readonly string[]): Jail | undefined;
  /** Absolute paths of files that no worker may see: the gateway's own. */
  readonly outside: readonly string[];
}

/**
 * Sends a probe into the jail, with a worker's rights and a stranger's intent, and says of each wall
 * what it met, what the kernel says of it, and what its end looked like from outside. Only the wall
 * `built` where it never spoke. Never rejects for what a probe does.
 */
export async function probeJail(options: ProbeOptions): Promise<readonly Wall[]> {
  if (!options.build("", [])) return [notBuilt("this system has nothing to build it with")];
  const snares = await setSnares();
  try {
    return await measure(options, snares);
  } finally {
    await snares.close();
  }
}

/** The name of the wall that is missing where nothing could be started in the jail. */
export const built = "the jail can be built";

/** @param measured why it cannot. */
export function notBuilt(measured: string): Wall {
  return wall(built, measured, () => false);
}

async function measure(options: ProbeOptions, snares: SetSnares): Promise<readonly Wall[]> {
  const aims = JSON.stringify(aimsAt(snares, options.outside));
  const jail = options.build(workerSource("probe"), [aims]);
  if (!jail) return [notBuilt("what builds it has gone")];
  const probe = startProbe(jail);
  try {
    const tried = await tryDoors(probe, jail);
    if (!tried) return [notBuilt(probe.complaint.trim() || "the probe said nothing")];
    const ended = await endSpinning(probe);
    const caught = wall("nobody came out", String(snares.caught), (value) => value === "0");
    return [...tried, caught, ...ended];
  } finally {
    await probe.kill();
  }
}

/** Past each limit by half, so that a wall that is there is met. */
function aimsAt({ port, name, path }: SetSnares, outside: readonly string[]): Aims {
  const ours = ["environ", "mem", "maps"].map((file) => `/proc/${process.pid}/${file}`);
  const files = ["/etc/passwd", "/proc/self/environ", "/proc/1/environ", import.meta.filename];
  return {
    ...{ port, name, path },
    files: [...files, ...ours, ...outside],
    processes: limits.workerProcesses * 1.5,
    descriptors: limits.workerOpenFiles * 1.5,
    bytes: limits.workerAddressSpaceBytes,
  };
}

/** Undefined where the probe said nothing, or nothing that can be read. */
async function tryDoors(probe: ProbeProcess, jail: Jail): Promise<readonly Wall[] | undefined> {
  const seen = parse(await probe.said);
  if (!seen) return undefined;
  // It waits for its standard input to end, so that there is something to look at.
  return [...outerWalls(probe.inner, jail), ...innerWalls(seen), ...absentWalls(jail)];
}

function parse(said: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const seen = parseStrictJson(said);
    return isJsonObject(seen) ? seen : undefined;
  } catch {
    return undefined;
  }
}

/** A probe that listens to nobody is ended, as a call past its deadline would be. */
async function endSpinning(probe: ProbeProcess): Promise<readonly Wall[]> {
  const isSpinning = (await probe.release()) !== "";
  const namespace = pidNamespace(probe.inner);
  const ms = Math.round(await probe.kill());
  const left = processesIn(namespace).length;
  return [
    wall("killed at the deadline", isSpinning ? `gone after ${ms} ms` : "never began", () => {
      return isSpinning && ms <= limits.probeKillMs;
    }),
    wall("nothing left", `${left} processes`, () => isSpinning && left === 0),
  ];
}
