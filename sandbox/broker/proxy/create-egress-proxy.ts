import { chmod, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { once } from "../../../manifests/once.ts";
import { isAnswered } from "../../unix-socket.ts";
import type { EgressProxy } from "./egress-proxy.ts";
import { ProxySocket } from "./proxy-socket.ts";

export interface EgressProxyOptions {
  /** Absolute, and short: a socket's path has at most 107 characters. */
  readonly folder: string;
  /** Told of what was thrown and is no refusal; the request has been answered by then. */
  onBug(error: unknown): void;
}

export function createEgressProxy({ folder, onBug }: EgressProxyOptions): EgressProxy {
  const open: Set<ProxySocket> = new Set();
  const prepare = once(() => makeEmpty(folder));
  return {
    open: async (slot) => {
      if (!slots.test(slot)) throw new Error(`\`${slot}\` is no slot`);
      await prepare();
      const onClosed = (closed: ProxySocket): void => void open.delete(closed);
      const socket = await ProxySocket.open(join(folder, slot), { onClosed, onBug });
      open.add(socket);
      return socket;
    },
    close: async () => {
      await Promise.all([...open].map((socket) => socket.close()));
    },
  };
}

const slots = /^[0-9a-f]{32}$/;

/** A gateway that was killed has left its sockets; those of one that lives beside this one stay. */
async function makeEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Whatever mask the process has: nobody else comes to the sockets but by a mount.
  await chmod(folder, 0o700);
  const left = (await readdir(folder)).filter((name) => slots.test(name));
  await Promise.all(left.map((name) => removeDead(join(folder, name))));
}

async function removeDead(folder: string): Promise<void> {
  if (await isAnswered(join(folder, "proxy.sock"))) return;
  await rm(folder, { recursive: true, force: true });
}
