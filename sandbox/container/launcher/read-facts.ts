import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { containerTiers } from "../../../manifests/tier.ts";
import type { EngineFacts, RuntimeFacts } from "../link/launcher.ts";
import { tierProfiles } from "../profile/profile.ts";
import type { Engine, EngineSays } from "./engine.ts";
import { pinnedImage } from "./pinned-image.ts";
import { within } from "./within.ts";
import type { Yard } from "./yard.ts";

/** @throws {EngineFault} */
export async function readFacts({ engine, ground }: Yard): Promise<EngineFacts> {
  const says = await within(containerLimits.containerStartMs, engine.facts());
  return {
    engine: says.version,
    kernel: says.kernel,
    cgroup: says.cgroup === "2" ? "2" : "1",
    runtimes: runtimesOf(says),
    images: await imagesOf(ground.launchables.values(), engine),
  };
}

/** The one runtime whose version the engine tells is its own. */
function runtimesOf({ runtimes, runcVersion }: EngineSays): readonly RuntimeFacts[] {
  return containerTiers.flatMap((tier) => {
    const name = tierProfiles[tier].runtime;
    if (!runtimes.includes(name)) return [];
    const isKnown = name === "runc" && runcVersion !== undefined;
    return [{ tier, name, ...(isKnown && { version: runcVersion }) }];
  });
}

async function imagesOf(
  launchables: Iterable<{ readonly image: string }>,
  engine: Engine,
): Promise<readonly string[]> {
  const pins = new Set([...launchables].map(({ image }) => image));
  const ids = new Set<string>();
  for (const pin of pins) {
    const image = await pinnedImage(pin, engine).catch(refused);
    if (image) ids.add(image.id);
  }
  return [...ids];
}

function refused(error: unknown): undefined {
  if (!(error instanceof Refusal)) throw error;
}
