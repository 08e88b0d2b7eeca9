import { isIP } from "node:net";
import type { Address, Config } from "../config/config.ts";
import type { Place } from "./request-checks.ts";

/** The names by which one listener may be called. */
export function placeOf(
  { names, tls }: Config["listen"],
  address: Address,
  behindProxy: boolean,
): Place {
  const hosts = ["localhost", "127.0.0.1", "::1", address.host, ...names];
  const plain = behindProxy ? ["http", "https"] : ["http"];
  return {
    hosts: new Set(hosts.map((host) => host.toLowerCase()).filter((host) => !isAnywhere(host))),
    schemes: tls === undefined ? plain : ["https"],
  };
}

/** The address of all interfaces is the name of none. */
function isAnywhere(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/**
 * Credentials travel with each request: beyond this machine they travel encrypted.
 *
 * @throws {Error} one line, with the way to mend it.
 */
export function refuseClearText(listen: Config["listen"], behindProxy: boolean): void {
  if (listen.tls !== undefined || behindProxy) return;
  for (const { host, port } of [listen.agents, listen.operators]) {
    if (isLoopback(host)) continue;
    const mend =
      "set `listen.tls`, listen on 127.0.0.1, or say `--behind-proxy` where one ends TLS";
    throw new Error(`${host}:${port} can be reached from elsewhere without TLS (${mend})`);
  }
}

/**
 * What runs without walls is nobody's but this machine's, TLS or not; a proxy would hand it on.
 *
 * @throws {Error} one line, with the way to mend it.
 */
export function refuseFarListeners(listen: Config["listen"], behindProxy: boolean): void {
  if (behindProxy) {
    const mend = "leave `--behind-proxy` out, or say `mode: production`";
    throw new Error(`a proxy in front is no loopback: not in development mode (${mend})`);
  }
  for (const { host, port } of [listen.agents, listen.operators]) {
    if (isLoopback(host)) continue;
    const mend = "listen on 127.0.0.1, or say `mode: production`";
    throw new Error(`${host}:${port} can be reached from elsewhere in development mode (${mend})`);
  }
}

export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
