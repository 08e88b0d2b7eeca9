import { once } from "node:events";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Test, test } from "tap";
import type { NetPermission } from "../../manifests/permissions.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { type Authority, certify, makeAuthority } from "../support/certificates.ts";
import { net } from "./broker-fetch-fixtures.ts";
import { codeOf, grantOf } from "./broker-fixtures.ts";

// Ring 8, the broker: https leads to the host that was judged, or nowhere.

const authority = makeAuthority("Ringward Test Authority");
const stranger = makeAuthority("Somebody Else");
const hosts = { "tool.test": "127.0.0.1", "other.test": "127.0.0.1" };

interface Served {
  readonly port: number;
  /** What each client named in its hello, and in `Host`. */
  readonly seen: string[];
}

async function serve(t: Test, options: ServerOptions): Promise<Served> {
  const seen: string[] = [];
  const server = createServer(options, (request, response) => {
    seen.push(`${(request.socket as TLSSocket).servername} ${request.headers.host}`);
    response.end("hello");
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

interface Asking {
  readonly port: number;
  readonly host?: string;
  readonly authorities?: readonly Authority[];
}

async function ask({ port, host = "tool.test", authorities }: Asking): Promise<string> {
  const permission: NetPermission = {
    scheme: "https",
    host,
    ports: [port],
    methods: ["GET"],
    path: "/",
    addresses: ["127.0.0.0/8"],
  };
  const broker = createBroker({
    workspace: "/nonexistent",
    hosts,
    protectedPaths: [],
    ...(authorities && { authorities: authorities.map(({ cert }) => cert) }),
  });
  const grant = grantOf({ permissions: { net: [permission], fs: [] } });
  const door = broker.open(grant, new AbortController().signal);
  const code = await codeOf(door.request("fetch", { url: `https://${host}:${port}/` }));
  await door.close();
  return code;
}

test("a certificate of a trusted authority for the right name is believed", async (t) => {
  const { port, seen } = await serve(t, certify({ names: ["tool.test"] }, authority));
  t.equal(await ask({ port, authorities: [authority] }), "done");
  t.equal(await ask({ port, authorities: [stranger, authority] }), "done");
  t.strictSame(seen, [`tool.test tool.test:${port}`, `tool.test tool.test:${port}`]);
});

const now = Date.now();
const dayMs = 86_400_000;
const wrong: Readonly<Record<string, Parameters<typeof certify>>> = {
  "for another name": [{ names: ["other.test"] }, authority],
  "for a name that ends alike": [{ names: ["eviltool.test"] }, authority],
  "for all names below": [{ names: ["*.tool.test"] }, authority],
  "for every host of the domain": [{ names: ["*.test"] }, authority],
  "that is past its time": [{ names: ["tool.test"], until: now - dayMs }, authority],
  "that is before its time": [{ names: ["tool.test"], from: now + dayMs }, authority],
  "of an unknown authority": [{ names: ["tool.test"] }, stranger],
  "of nobody but itself": [{ names: ["tool.test"] }, { ...stranger, name: "tool.test" }],
};
for (const [name, [wanted, by]] of Object.entries(wrong)) {
  test(`a certificate ${name} ends as EGRESS_FAILED`, async (t) => {
    const { port, seen } = await serve(t, certify(wanted, by));
    t.equal(await ask({ port, authorities: [authority] }), "EGRESS_FAILED");
    t.strictSame(seen, [], "no request is sent before");
  });
}

test("without the option a private authority is not believed, whatever the environment says", async (t) => {
  const { port, seen } = await serve(t, certify({ names: ["tool.test"] }, authority));
  t.equal(await ask({ port }), "EGRESS_FAILED");
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  t.teardown(() => delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"]);
  t.equal(await ask({ port }), "EGRESS_FAILED");
  t.strictSame(seen, []);
});

test("each host of one server is asked for by its own name, on a connection of its own", async (t) => {
  const names = ["tool.test", "other.test"];
  const { port, seen } = await serve(t, certify({ names }, authority));
  t.equal(await ask({ port, authorities: [authority] }), "done");
  t.equal(await ask({ port, host: "other.test", authorities: [authority] }), "done");
  t.strictSame(
    seen,
    names.map((name) => `${name} ${name}:${port}`),
  );
});

test("a server that speaks no TLS, or only an old one, gets nothing", async (t) => {
  const plain = await net(t, (_, response) => response.end("hello"));
  const old = await serve(t, {
    ...certify({ names: ["tool.test"] }, authority),
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    ciphers: "ALL:@SECLEVEL=0",
  });
  t.equal(await ask({ port: old.port, authorities: [authority] }), "EGRESS_FAILED");
  t.equal(await ask({ port: plain.port, authorities: [authority] }), "EGRESS_FAILED");
  t.strictSame([old.seen, plain.seen], [[], []]);
});

test("a connection that leads to another address than the one that was judged is dropped", async (t) => {
  const { port, seen } = await serve(t, certify({ names: ["tool.test"] }, authority));
  // What the kernel says of the other end of a connection.
  const peer = (): object => ({ address: "10.0.0.1", port, family: "IPv4" });
  t.intercept(Socket.prototype as never, "_getpeername", { value: peer, configurable: true });
  t.equal(await ask({ port, authorities: [authority] }), "EGRESS_DENIED");
  t.strictSame(seen, []);
});
