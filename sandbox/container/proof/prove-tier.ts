import { Refusal } from "../../../manifests/refusals.ts";
import type { ContainerTier } from "../../../manifests/tier.ts";
import type { Readiness, Wall } from "../../sandbox.ts";
import { wall } from "../../wall.ts";
import type { EngineFacts } from "../link/launcher.ts";
import { innerWalls } from "./inner-walls.ts";
import { outerWalls } from "./outer-walls.ts";
import { probeNames } from "./probe-launchables.ts";
import { type ProbeDeps, runProbe } from "./run-probe.ts";
import { readSeen } from "./seen.ts";

/**
 * Sends probes into a tier as any call would come there, and says of each wall what they met. The
 * tier is offered where its floor holds. What cannot be started is a wall that is missing; anything
 * but a refusal of the launcher's is thrown.
 */
export async function proveTier(deps: ProbeDeps): Promise<Readiness> {
  try {
    const facts = await deps.launcher.facts();
    if (!facts.runtimes.some(({ tier }) => tier === deps.tier)) {
      throw new Refusal("ENGINE_UNAVAILABLE", "the engine has no runtime for this tier");
    }
    return readiness(deps.tier, await measure(deps, facts), facts);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return readiness(deps.tier, [wall("a probe can be started", error.message, () => false)]);
  }
}

async function measure(deps: ProbeDeps, facts: EngineFacts): Promise<readonly Wall[]> {
  const { tier } = deps;
  const ends = await Promise.allSettled(probeNames.map((name) => runProbe(name, deps)));
  const [walls, memory, processor] = ends.map(orThrow);
  if (!(walls && memory && processor)) throw new Error("a probe is missing");
  return [
    ...innerWalls(readSeen(walls.said), tier, facts.kernel),
    ...outerWalls({ walls, memory, processor }, facts, tier),
  ];
}

/** All have ended before one that failed is told. */
function orThrow<T>(one: PromiseSettledResult<T>): T {
  if (one.status === "rejected") throw one.reason;
  return one.value;
}

function readiness(tier: ContainerTier, walls: readonly Wall[], facts?: EngineFacts): Readiness {
  const runtime = facts?.runtimes.find((one) => one.tier === tier);
  const launcher = runtime && [runtime.name, runtime.version ?? []].flat().join(" ");
  return {
    tier,
    offered: walls.every(({ floor, holds }) => holds || !floor),
    ...(launcher !== undefined && { launcher }),
    launchers: launcher === undefined ? [] : [launcher],
    isWalled: true,
    walls,
  };
}
