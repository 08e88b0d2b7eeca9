import { createServer, type Server, type Socket } from "node:net";
import { containerLimits } from "../../../manifests/container-limits.ts";
import type { Launchable } from "../launchable.ts";
import { connectEngine } from "./engine.ts";
import { findLeft } from "./left-containers.ts";
import { listenPrivately } from "./private-socket.ts";
import { Reaper } from "./reaper.ts";
import { type Bounds, boundsOf, Room } from "./room.ts";
import { serveLink } from "./serve-link.ts";
import { within } from "./within.ts";
import type { Yard } from "./yard.ts";

export interface LauncherOptions {
  /** Where the gateway finds it: a unix socket, in a folder of this user's alone. */
  readonly socket: string;
  /** The engine's. */
  readonly engine: string;
  /** Absolute, and the same path for the engine. */
  readonly workspace: string;
  /** The folder of the ways out; absolute, and the same path for the engine. */
  readonly sockets: string;
  readonly launchables: readonly Launchable[];
  /** Of the deployment, the same after each start: by it leftovers are found. */
  readonly instance: string;
  /** What no container sees, wherever it is mounted. */
  readonly protectedPaths: readonly string[];
  readonly bounds?: Bounds;
  /** What one container of a call may say before it is ended. */
  readonly outputBytes?: number;
  /** For whoever runs it; nothing of it is for agents. */
  readonly note?: (line: string) => void;
}

export interface ServedLauncher {
  /** Ends and removes all containers; what the engine does not remove in time, the next start does. */
  close(): Promise<void>;
}

/**
 * The process that holds the engine's socket. Removes what launchers before it have left, then
 * serves; where the engine is away, it serves refusals until the engine is back.
 *
 * @throws {Error} where its socket cannot be had.
 */
export async function serveLauncher(options: LauncherOptions): Promise<ServedLauncher> {
  const yard = openYard(options);
  const served = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const serving = serveLink(socket, yard).finally(() => {
      served.delete(serving);
      sockets.delete(socket);
    });
    served.add(serving);
  });
  server.maxConnections = containerLimits.linkConnections;
  await listenPrivately(server, options.socket);
  await yard.reaper.catchUp().catch((error: Error) => {
    yard.note(`${error.message}: refusing all, until it answers at ${options.engine}`);
  });
  return { close: () => close(server, { sockets, served, yard }) };
}

function openYard(options: LauncherOptions): Yard {
  const { workspace, sockets, protectedPaths, launchables, instance, socket } = options;
  const engine = connectEngine(options.engine);
  const room = new Room(options.bounds ?? boundsOf(containerLimits.containers));
  const labels = { "ringward.instance": instance, "ringward.launcher": socket };
  const byPin = new Map(launchables.map((one) => [one.pin, one]));
  return {
    engine,
    room,
    labels,
    ground: { workspace, sockets, protectedPaths, launchables: byPin },
    reaper: new Reaper(engine, () => findLeft({ engine, room, labels })),
    outputBytes: options.outputBytes ?? containerLimits.linkOutputBytes,
    note: options.note ?? (() => undefined),
  };
}

interface Open {
  readonly sockets: ReadonlySet<Socket>;
  readonly served: ReadonlySet<Promise<void>>;
  readonly yard: Yard;
}

async function close(server: Server, { sockets, served, yard }: Open): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  const gone = Promise.all(served);
  await within(containerLimits.containerEndMs, gone).catch((error: Error) => {
    yard.note(`containers are left: ${error.message}`);
  });
  yard.reaper.close();
  await closed;
}
