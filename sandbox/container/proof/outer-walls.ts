import type { ContainerTier } from "../../../manifests/tier.ts";
import type { Wall } from "../../sandbox.ts";
import { wall, wallAboveFloor } from "../../wall.ts";
import type { Ended, EngineFacts } from "../link/launcher.ts";
import { knownHoles } from "./known-holes.ts";
import type { ProbeEnd } from "./run-probe.ts";

/** How each probe ended. */
export interface ProbeEnds {
  readonly walls: ProbeEnd;
  readonly memory: ProbeEnd;
  readonly processor: ProbeEnd;
}

/** What the ends of probes look like from outside, and what engine and runtime say of themselves. */
export function outerWalls(
  ends: ProbeEnds,
  facts: EngineFacts,
  tier: ContainerTier,
): readonly Wall[] {
  // An old gVisor counts the processor time of programs only where they set the limit themselves.
  const processorWall = tier === "gvisor" ? wallAboveFloor : wall;
  return [
    wall("bounded memory", endOf(ends.memory.ended), (value) => /memory|137/.test(value)),
    processorWall("bounded processor time", endOf(ends.processor.ended), (value) =>
      /^exit code (?:152|137)$/.test(value),
    ),
    wall("killed at the deadline", killOf(ends.walls), () => {
      return !ends.walls.ended && ends.walls.killed.lost === undefined;
    }),
    ...knownHoles(facts, tier).map(({ name, version, hole }) =>
      wallAboveFloor(name, hole ? `${version}: ${hole}` : version, () => hole === undefined),
    ),
  ];
}

function endOf(ended: Ended | undefined): string {
  if (ended === undefined) return "it had to be killed";
  if (ended.isOutOfMemory) return "out of memory";
  return ended.exitCode === undefined ? "lost" : `exit code ${ended.exitCode}`;
}

function killOf({ ended, killed, killMs }: ProbeEnd): string {
  if (ended) return `${endOf(ended)} before it`;
  return killed.lost ? "nobody saw it end" : `ended after ${Math.round(killMs)} ms`;
}
