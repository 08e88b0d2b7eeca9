import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { folderForSockets } from "../../sandbox/unix-socket.ts";
import type { Config } from "../config/config.ts";
import { containersOf } from "../config/containers-config.ts";
import { LauncherProcess } from "./launcher-process.ts";

export interface StartedLauncher {
  readonly socket: string;
  /** The folder in which it looks for the ways out of containers. */
  readonly sockets: string;
  /** Resolves when its containers and it are gone. */
  close(): Promise<void>;
}

/**
 * A launcher of the gateway's own, for development: a process that ends with this one, however that
 * ends, and takes its containers along. Where it dies by itself another one takes its place.
 *
 * @throws {Error} where it does not start; a missing engine is no reason for that.
 */
export async function startLauncher(config: Config): Promise<StartedLauncher> {
  const containers = containersOf(config);
  if (!containers) throw new Error("containers are off in this deployment");
  const folder = await mkdtemp(join(folderForSockets(rest), "ringward-launcher-"));
  const socket = join(folder, "launcher.sock");
  const sockets = containers.sockets ?? join(folder, "out");
  await mkdir(sockets, { recursive: true, mode: 0o700 });
  const place = { engine: containers.engine, socket, sockets };
  const launcher = new LauncherProcess({ config, place, folder });
  const close = async (): Promise<void> => {
    await launcher.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await launcher.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { socket, sockets, close };
}

/** The longest name of a socket in its folder: a container's way out. */
const rest = `/ringward-launcher-XXXXXX/out/${"0".repeat(32)}/proxy.sock`;
