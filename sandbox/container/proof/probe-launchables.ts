import { type Digest, digestParts } from "../../../manifests/digest.ts";
import { containerTiers } from "../../../manifests/tier.ts";
import type { Launchable } from "../launchable.ts";
import { memoryScript, processorScript, wallsScript } from "./probe-scripts.ts";

export const probeNames = ["walls", "memory", "processor"] as const;
export type ProbeName = (typeof probeNames)[number];

/** What a proof sends into a tier. */
export const probes: Readonly<Record<ProbeName, Probe>> = {
  walls: { script: wallsScript, memoryMb: 96, cpuMs: 20_000, isDone: hasSaidAll },
  memory: { script: memoryScript, memoryMb: 32, cpuMs: 20_000, isDone: () => false },
  processor: { script: processorScript, memoryMb: 32, cpuMs: 1_000, isDone: hasComputedLong },
};

export interface Probe {
  readonly script: string;
  readonly memoryMb: number;
  readonly cpuMs: number;
  /** Whether by what it said there is nothing more to wait for; else it has to end by itself. */
  isDone(said: string): boolean;
}

function hasSaidAll(said: string): boolean {
  return said.endsWith("\ndone\tyes\n");
}

/**
 * Five times as long as it is left. By its own clock alone, for others may be on the machine; that of
 * gVisor also counts while it waits for them.
 */
function hasComputedLong(said: string): boolean {
  const spent = said.matchAll(/^(\d+)m([\d.]+)s \S+$/gm);
  return [...spent].some(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds) >= 10);
}

/** What a launcher has to know so that its tiers can be proved. @param image of the shipped shell. */
export function probeLaunchables(image: string): readonly Launchable[] {
  return probeNames.map((name) => {
    const { script, memoryMb, cpuMs } = probes[name];
    return {
      pin: probePin(name),
      tool: `ringward.probe-${name}`,
      image,
      command: ["/bin/sh", "-c", script],
      tiers: containerTiers,
      ...{ memoryMb, cpuMs },
      reads: [],
      isNetworked: false,
      lifecycle: "call",
    };
  });
}

/** Gateway and launcher of one version have the same probes. */
export function probePin(name: ProbeName): Digest {
  return digestParts("tool-pin", ["probe", name, probes[name].script]);
}
