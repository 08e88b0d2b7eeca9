import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { pathWithin } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { Launchable } from "../launchable.ts";
import type { LaunchRequest } from "../link/launcher.ts";
import { type ResolvedMount, resolveMounts } from "./resolve-mounts.ts";

/** What a launcher holds requests against. */
export interface LaunchGround {
  readonly launchables: ReadonlyMap<string, Launchable>;
  readonly workspace: string;
  readonly protectedPaths: readonly string[];
  /** The folder of the ways out: one folder for each slot. */
  readonly sockets: string;
}

/**
 * The tool of a request that may be done. The gateway may have been taken over, so nothing of its
 * requests is believed.
 *
 * @throws {Refusal} `SANDBOX_UNAVAILABLE`, `FILES_DENIED`.
 */
export function checkLaunch(request: LaunchRequest, ground: LaunchGround): Launchable {
  const launchable = ground.launchables.get(request.pin);
  if (launchable === undefined) throw refused("the launcher does not know this tool");
  if (!launchable.tiers.includes(request.tier)) {
    throw refused(`the tool does not run in the tier \`${request.tier}\``);
  }
  refuseOutside(request.mounts, launchable);
  if (request.network && !launchable.isNetworked) throw refused("the tool has no way out");
  return launchable;
}

/** On the host; absolute. */
export interface LaunchPlaces {
  readonly mounts: readonly ResolvedMount[];
  readonly socketFolder?: string;
}

/**
 * Where on the host is what a request that was checked asks to see, as it stands there now. The engine
 * goes there by the path, so nothing is to be waited for between this and the engine.
 *
 * @throws {Refusal} `SANDBOX_UNAVAILABLE`, `FILES_DENIED`, `FILES_FAILED`.
 */
export async function findPlaces(
  request: LaunchRequest,
  ground: LaunchGround,
): Promise<LaunchPlaces> {
  const mounts = await resolveMounts(request.mounts, ground);
  if (!request.network) return { mounts };
  return { mounts, socketFolder: await socketFolderOf(request.slot, ground) };
}

function refuseOutside(mounts: readonly string[], { reads }: Launchable): void {
  const isGranted = (mount: string): boolean =>
    reads.some(({ access, path }) => access === "read" && pathWithin(mount, path));
  if (!mounts.every(isGranted)) {
    throw new Refusal("FILES_DENIED", "the tool may not see what should be mounted");
  }
}

/** The gateway makes it before it asks; a link would lead elsewhere. */
async function socketFolderOf(slot: string, { sockets }: LaunchGround): Promise<string> {
  const folder = join(sockets, slot);
  const found = await lstat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw refused("the folder of the way out is not there");
  return folder;
}

function refused(detail: string): Refusal {
  return new Refusal("SANDBOX_UNAVAILABLE", detail);
}
