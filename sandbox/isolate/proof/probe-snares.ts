import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type ListenOptions, type Server } from "node:net";
import { join } from "node:path";
import { folderForSockets } from "../../unix-socket.ts";

/** Addresses at which the gateway waits for a probe that got out. */
export interface Snares {
  readonly port: number;
  /** A name in the kernel's own list of sockets, which belongs to a network namespace. */
  readonly name: string;
  readonly path: string;
}

/** What a worker with a network, or with a view of the files here, could reach. */
export interface SetSnares extends Snares {
  /** How many came, whatever they say themselves. */
  readonly caught: number;
  close(): Promise<void>;
}

export async function setSnares(): Promise<SetSnares> {
  const folder = mkdtempSync(join(folderForSockets(rest), "ringward-probe-"));
  const [path, name] = [join(folder, "socket"), `\0ringward-probe-${randomUUID()}`];
  let caught = 0;
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const place of [{ port: 0, host: "127.0.0.1" }, { path: name }, { path }]) {
      servers.push(await listen(place, () => (caught += 1)));
    }
    // Anybody who sees them may come: only the jail is to hold.
    chmodSync(folder, 0o755);
    chmodSync(path, 0o777);
  } catch (error) {
    await close();
    throw error;
  }
  const [address] = servers.map((server) => server.address());
  const { port } = address as AddressInfo;
  return {
    ...{ port, name, path, close },
    get caught() {
      return caught;
    },
  };
}

const rest = "/ringward-probe-XXXXXX/socket";

function listen(place: ListenOptions, caught: () => void): Promise<Server> {
  const server = createServer((socket) => {
    caught();
    socket.on("error", () => {});
    socket.destroy();
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(place, () => resolve(server));
  });
}
