import { mkdir, realpath } from "node:fs/promises";
import { containerLimits } from "../../manifests/container-limits.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import type { FsPermission } from "../../manifests/permissions.ts";
import {
  type ContainerTier,
  containerTiers,
  strongestTier,
  type Tier,
} from "../../manifests/tier.ts";
import type { Launchable } from "../../sandbox/container/launchable.ts";
import { boundsOf } from "../../sandbox/container/launcher/room.ts";
import type { LauncherOptions } from "../../sandbox/container/launcher/serve-launcher.ts";
import { probeLaunchables } from "../../sandbox/container/proof/probe-launchables.ts";
import { type Config, controlsOf } from "../config/config.ts";
import { containersConfigOf, imagesFileOf } from "../config/containers-config.ts";
import { loadTools } from "../tools/load-tools.ts";
import { type Images, readImages } from "../tools/read-images.ts";
import type { Tool } from "../tools/tool.ts";
import { isUnbuilt } from "../tools/tool-image.ts";

/** Where a launcher is found, and where it finds the ways out of its containers. */
export interface LauncherPlace {
  readonly engine: string;
  readonly socket: string;
  readonly sockets: string;
}

export interface ComposedLauncher extends LauncherOptions {
  /** How many tools it serves. */
  readonly tools: number;
  /** Names of tools that need an image that was not built here. */
  readonly unbuilt: readonly string[];
}

/**
 * What a launcher of a deployment serves. It reads the same manifests as the gateway, by itself: what
 * the gateway says of a tool is its pin and no more.
 *
 * @throws {SourceError} for a manifest or an images file that is wrong.
 */
export async function composeLauncher(
  config: Config,
  place: LauncherPlace,
): Promise<ComposedLauncher> {
  const images = await readImages(imagesFileOf(config));
  const tools = await loadTools({
    ...(config.tools && { shipped: config.tools }),
    folders: config.manifests,
    images,
  });
  await mkdir(config.workspace, { recursive: true, mode: 0o700 });
  const workspace = await realpath(config.workspace);
  const all = [...tools.values()];
  const launchables = all.flatMap(launchableOf);
  return {
    ...place,
    workspace,
    launchables: [...probesIn(images), ...launchables],
    tools: launchables.length,
    unbuilt: all.filter(isUnbuilt).map(({ manifest }) => manifest.name),
    // The engine knows it by the same path, so no other deployment of its host has it.
    instance: workspace,
    bounds: boundsOf(containersConfigOf(config).atOnce),
    protectedPaths: controlsOf(config).map(([, path]) => path),
  };
}

/** The shipped image in which tiers are proved: what is measured is what tools meet. */
export const probeImage = "shell";

function probesIn(images: Images): readonly Launchable[] {
  const image = images.get(probeImage);
  return image === undefined ? [] : probeLaunchables(image);
}

/** None where the tool's image was not built here. */
function launchableOf({ manifest, image, pin }: Tool): readonly Launchable[] {
  if (image === undefined) return [];
  const { name, run, sandbox, limits } = manifest;
  return [
    {
      pin,
      tool: name,
      image,
      ...("image" in run ? programOf(run) : runner),
      tiers: containerTiers.filter((tier) => isAtLeast(tier, sandbox.tier)),
      memoryMb: limits.memoryMb,
      cpuMs: limits.cpuMs,
      reads: readsOf(manifest),
      isNetworked: isNetworked(manifest),
    },
  ];
}

type Program = Pick<Launchable, "command" | "lifecycle">;

const programOf = ({ command, lifecycle }: Program): Program => ({ command, lifecycle });

const runner = {
  command: ["/ringward/run"],
  lifecycle: "call",
  runnerMemoryMb: containerLimits.runnerMemoryMb,
} as const;

/** A call may run in a stronger tier than its tool's, never in a weaker one. */
function isAtLeast(tier: ContainerTier, weakest: Tier): boolean {
  return strongestTier(tier, weakest) === tier;
}

/** Programs see what they read; our own code asks for it at the way out, file by file. */
function readsOf({ run, permissions }: Manifest): readonly FsPermission[] {
  if (!("image" in run)) return [];
  return permissions.fs.filter(({ access }) => access === "read").map(withoutTemplate);
}

/** Which path an argument names is not known before there is one. */
function withoutTemplate(permission: FsPermission): FsPermission {
  return permission.path.includes("{{") ? { ...permission, path: "." } : permission;
}

function isNetworked({ run, permissions }: Manifest): boolean {
  const { net, fs } = permissions;
  return net.length > 0 || (!("image" in run) && fs.length > 0);
}
