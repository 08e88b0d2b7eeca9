import { join, resolve } from "node:path";
import { z } from "zod";
import { containerLimits } from "../../manifests/container-limits.ts";
import { type ContainerTier, containerTiers } from "../../manifests/tier.ts";
import type { Config } from "./config.ts";

/** The part `containers` of a deployment: who runs containers for it. Where it stands they must run. */
export interface ContainersConfig {
  /** The container engine's socket. In production the gateway itself never opens it. */
  readonly engine: string;
  /** The socket of a launcher that runs on its own. In development the gateway starts one. */
  readonly launcher?: string;
  /** Where the ways out of containers are; gateway, launcher and engine see it at the same path. */
  readonly sockets?: string;
  /** The ids of images by name; `images.json` in the state folder where it is left out. */
  readonly images?: string;
  /** Which of the tiers are offered. */
  readonly tiers: readonly ContainerTier[];
  /** Containers of calls that may be there at a time, those that wait for a call among them. */
  readonly atOnce: number;
}

const path = z.string().min(1);

export const containersConfigSchema: z.ZodType<ContainersConfig> = z.strictObject({
  engine: path.default("/var/run/docker.sock").describe("The container engine's socket."),
  launcher: path
    .exactOptional()
    .describe("The socket of `ringward launcher`, which alone holds the engine's."),
  sockets: path
    .exactOptional()
    .describe("A folder that the launcher sees at the same path: the ways out of containers."),
  images: path.exactOptional().describe("The file that `ringward images build` writes."),
  tiers: z
    .array(z.enum(containerTiers))
    .min(1)
    .default([...containerTiers]),
  atOnce: z
    .int()
    .min(containerLimits.containersLeast)
    .max(containerLimits.containersCeiling)
    .default(containerLimits.containers)
    .describe("Containers of calls at a time; 256 MiB of memory are set aside for each."),
});

/** What container tiers stand on, with every default. */
export interface Containers extends ContainersConfig {
  readonly images: string;
  /** False where nobody asked for containers: then nothing is tried before a call needs one. */
  readonly isNamed: boolean;
}

/** Absent where container tiers are off: in production somebody has to say who launches them. */
export function containersOf(config: Config): Containers | undefined {
  const { mode, containers } = config;
  if (containers?.launcher === undefined && mode === "production") return undefined;
  const isNamed = containers !== undefined;
  return { ...containersConfigOf(config), images: imagesFileOf(config), isNamed };
}

/** What the deployment says of containers, or what it would say by default. */
export function containersConfigOf({ containers }: Config): ContainersConfig {
  return containers ?? containersConfigSchema.parse({});
}

/** The file with the ids of images; it need not be there. */
export function imagesFileOf({ state, containers }: Config): string {
  return containers?.images ?? join(state, "images.json");
}

export function withAbsoluteContainers(
  containers: ContainersConfig,
  folder: string,
): ContainersConfig {
  const { engine, launcher, sockets, images } = containers;
  return {
    ...containers,
    engine: resolve(folder, engine),
    ...(launcher !== undefined && { launcher: resolve(folder, launcher) }),
    ...(sockets !== undefined && { sockets: resolve(folder, sockets) }),
    ...(images !== undefined && { images: resolve(folder, images) }),
  };
}

/** What is wrong with the part as a whole, in one line; paths are absolute by now. */
export function containersProblem({ mode, containers }: Config): string | undefined {
  if (containers === undefined) return undefined;
  const { engine, launcher, sockets } = containers;
  if (mode === "production" && launcher === undefined) {
    return "in production it needs `launcher`: whoever holds the engine's socket is root on its host";
  }
  if (launcher !== undefined && sockets === undefined) {
    return "with `launcher` it needs `sockets`: a folder that the launcher sees at the same path";
  }
  const paths: readonly (readonly [string, string, number])[] = [
    ["engine", engine, containerLimits.socketPathBytes],
    ["launcher", launcher ?? "", containerLimits.socketPathBytes],
    ["sockets", sockets ?? "", containerLimits.socketsFolderBytes],
  ];
  const long = paths.find(([, text, most]) => Buffer.byteLength(text) > most);
  return long && `\`${long[0]}\` is longer than the ${long[2]} bytes that sockets leave it`;
}
