import { randomBytes } from "node:crypto";
import { containerLimits } from "../../../manifests/container-limits.ts";
import type { Launchable } from "../launchable.ts";
import type { LaunchRequest } from "../link/launcher.ts";
import { type CreateInput, type CreateOptions, createOptions } from "../profile/create-options.ts";
import { checkLaunch, findPlaces } from "./check-launch.ts";
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
  /** What its call may use of the processor, all processes together, and what it may before that. */
  readonly cpuMs: number;
}

/**
 * All that can be refused before the engine makes anything.
 *
 * @throws {Refusal | EngineFault}
 */
export async function prepareLaunch(request: LaunchRequest, yard: Yard): Promise<PreparedLaunch> {
  const launchable = checkLaunch(request, yard.ground);
  await yard.reaper.catchUp();
  const finding = pinnedImage(launchable.image, yard.engine);
  const image = await within(containerLimits.containerStartMs, finding);
  const places = await findPlaces(request, yard.ground);
  const { slot, tier } = request;
  const labels = {
    ...yard.labels,
    "ringward.slot": slot,
    "ringward.tool": launchable.tool,
    "ringward.tier": tier,
  };
  const amounts = withRunner(request, launchable);
  const options = createOptions({ ...amounts, image, labels, ...places });
  yard.room.take(slot, options.HostConfig.Memory);
  const isService = launchable.lifecycle === "service";
  const outputBytes = isService ? Number.POSITIVE_INFINITY : yard.outputBytes;
  const hardCpu = options.HostConfig.Ulimits.find(({ Name }) => Name === "cpu")?.Hard ?? 0;
  // No request chooses it: by its name a container is removed, and others have containers too.
  const name = `ringward-${randomBytes(16).toString("hex")}`;
  return { slot, name, options, outputBytes, cpuMs: hardCpu * 1_000 };
}

/** Memory is lowered as the tool's alone; the runner's comes on top. */
function withRunner(request: LaunchRequest, launchable: Launchable): Amounts {
  const { runnerMemoryMb = 0 } = launchable;
  const { limits } = request;
  return {
    launchable: { ...launchable, memoryMb: launchable.memoryMb + runnerMemoryMb },
    request: { ...request, limits: { ...limits, memoryMb: limits.memoryMb + runnerMemoryMb } },
  };
}

type Amounts = Pick<CreateInput, "launchable" | "request">;
