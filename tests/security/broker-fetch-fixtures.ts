import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";
import type { JsonValue } from "../../manifests/json.ts";
import type { NetPermission } from "../../manifests/permissions.ts";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { grantOf } from "./broker-fixtures.ts";

export interface Net {
  readonly port: number;
  /** Requests that reached the server: method, path and Host. */
  readonly seen: string[];
  readonly url: string;
  open(changes?: Partial<NetPermission>, signal?: AbortSignal): BrokerDoor;
}

/** A server on loopback under the name `tool.test`, which the grant lets the tool reach. */
export async function net(t: Test, listener: RequestListener): Promise<Net> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.host}`);
    listener(request, response);
  });
  const port = await listen(t, server);
  const broker = createBroker({
    workspace: "/nonexistent",
    hosts: { "tool.test": "127.0.0.1", "other.test": "127.0.0.1", "private.test": "10.0.0.1" },
    protectedPaths: [],
  });
  const permission: NetPermission = {
    scheme: "http",
    host: "tool.test",
    ports: [port],
    methods: ["GET", "HEAD", "POST"],
    path: "/",
    addresses: ["127.0.0.0/8"],
  };
  return {
    port,
    seen,
    url: `http://tool.test:${port}`,
    open: (changes = {}, signal = new AbortController().signal) =>
      broker.open(
        grantOf({ permissions: { net: [{ ...permission, ...changes }], fs: [] } }),
        signal,
      ),
  };
}

/** On a free port of loopback, until the test ends. */
export async function listen(t: Test, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export function fetched(value: JsonValue): { url: string; status: number; body: string } {
  return value as { url: string; status: number; body: string };
}
