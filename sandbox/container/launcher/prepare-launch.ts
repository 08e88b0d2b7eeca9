import { containerLimits } from "../../../manifests/container-limits.ts";
import type { LaunchRequest } from "../link/launcher.ts";
import { type CreateOptions, createOptions } from "../profile/create-options.ts";
import { checkLaunch } from "./check-launch.ts";
import { pinnedImage } from "./pinned-image.ts";
import { within } from "./within.ts";
import type { Yard } from "./yard.ts";

/** A container that may be made, and has its place in the room. */
export interface PreparedLaunch {
  readonly slot: string;
  readonly name: string;
  readonly options: CreateOptions;
  /** What it may say before it is ended. */
  readonly outputBytes: number;
}

/**
 * All that can be refused before the engine makes anything.
 *
 * @throws {Refusal | EngineFault}
 */
export async function prepareLaunch(request: LaunchRequest, yard: Yard): Promise<PreparedLaunch> {
  const { launchable, ...places } = await checkLaunch(request, yard.ground);
  await yard.reaper.catchUp();
  const finding = pinnedImage(launchable.image, yard.engine);
  const image = await within(containerLimits.containerStartMs, finding);
  const { slot, tier } = request;
  const labels = {
    ...yard.labels,
    "ringward.slot": slot,
    "ringward.tool": launchable.tool,
    "ringward.tier": tier,
  };
  const options = createOptions({ launchable, request, image, labels, ...places });
  yard.room.take(slot, options.HostConfig.Memory);
  const isEndless = launchable.lifecycle === "service";
  const outputBytes = isEndless ? Number.POSITIVE_INFINITY : yard.outputBytes;
  return { slot, name: `ringward-${slot}`, options, outputBytes };
}
