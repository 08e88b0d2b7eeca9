import { once } from "node:events";
import { createServer as createHttpsServer } from "node:https";
import { Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { test } from "tap";
import { httpMethods, type NetPermission } from "../../manifests/permissions.ts";
import { certify, makeAuthority } from "../support/certificates.ts";
import { titleOf } from "./catalogue.ts";
import {
  credentialLine,
  exchangeBytes,
  Line,
  plain,
  statusOf,
  tunnelled,
  type Wanted,
  wayOut,
} from "./proxy-fixtures.ts";
import { helloFor } from "./proxy-hello.ts";
import { connectLines, far, listening, tunnel, yes } from "./proxy-tunnel-fixtures.ts";
import { wrongAuthorities, wrongHellos } from "./proxy-tunnels-attacks.ts";

// Ring 8, the broker: TLS goes through to the host that was judged, or nothing does.

const authority = makeAuthority("Ringward Test Authority");

function wanted(port: number, changes?: Partial<NetPermission>, more?: Wanted): Wanted {
  return { net: [tunnelled(port, changes)], ...more };
}

test("TLS goes through unread, under the certificate of its host, and is booked with its bytes", async (t) => {
  const server = createHttpsServer(
    certify({ names: ["tool.test"] }, authority),
    (asked, response) => response.end(`hello ${asked.url}`),
  );
  const port = await listening(t, server, []);
  t.teardown(() => server.closeAllConnections());
  const way = await wayOut(t, wanted(port));
  const { socket } = await tunnel(t, way, `tool.test:${port}`);
  socket.removeAllListeners("data");
  const tls: TLSSocket = connectTls({ socket, servername: "tool.test", ca: authority.cert });
  await once(tls, "secureConnect");
  tls.end("GET /secret HTTP/1.1\r\nHost: tool.test\r\nConnection: close\r\n\r\n");
  const chunks: Buffer[] = [];
  for await (const chunk of tls) chunks.push(chunk as Buffer);
  t.match(Buffer.concat(chunks).toString(), "hello /secret");
  await way.door.close();
  const [entry] = way.door.entries;
  t.match(entry, { action: "CONNECT", target: `https://tool.test:${port}/`, address: "127.0.0.1" });
  t.equal(entry?.code, undefined);
  t.ok((entry?.bytes ?? 0) > 1_000);
  t.strictSame(way.door.read, { integrity: "untrusted", confidentiality: "public" });
});

const hello = (name = "tool.test"): Buffer => helloFor(name);

for (const [name, bytes] of Object.entries(wrongHellos)) {
  test(`${titleOf("N11")}: ${name}`, async (t) => {
    const { port, sockets } = await far(t);
    const way = await wayOut(t, wanted(port));
    const line = await tunnel(t, way, `tool.test:${port}`);
    line.say(bytes);
    t.equal(await line.all(), yes, "and not a word more");
    t.equal(sockets.length, 0, "nothing was dialled");
    await way.door.close();
    t.match(way.door.entries, [{ action: "CONNECT", code: "EGRESS_DENIED", bytes: 0 }]);
    t.equal(way.door.entries[0]?.address, undefined);
  });
}

test(`${titleOf("N11")}: whatever is cut off a hello`, async (t) => {
  const { port, sockets } = await far(t);
  const way = await wayOut(t, wanted(port));
  const whole = hello();
  for (const length of [0, 1, 5, 6, 40, whole.length - 1]) {
    const line = await tunnel(t, way, `tool.test:${port}`);
    line.say(whole.subarray(0, length)).socket.end();
    t.equal(await line.all(), yes);
  }
  t.equal(sockets.length, 0);
});

for (const [name, cut] of [
  ["in records of one byte", (bytes: Buffer) => [bytes]],
  ["byte by byte", (bytes: Buffer) => [...bytes].map((byte) => Buffer.from([byte]))],
  ["along with what follows it", (bytes: Buffer) => [Buffer.concat([bytes, Buffer.from("early")])]],
] as const) {
  test(`a hello that comes ${name} is handed on as it came`, async (t) => {
    const { port, heard } = await far(t, (socket) => socket.on("end", () => socket.end("bye")));
    const way = await wayOut(t, wanted(port));
    const bytes = helloFor("TOOL.test", name.includes("records") ? { recordBytes: 1 } : {});
    const line = await tunnel(t, way, `tool.test:${port}`);
    const parts = cut(bytes);
    for (const part of parts) {
      line.say(part);
      if (parts.length > 1) await new Promise((resolve) => setImmediate(resolve));
    }
    line.socket.end();
    t.equal(await line.all(), `${yes}bye`, "each half ends by itself");
    t.strictSame(Buffer.concat(heard), Buffer.concat(parts));
  });
}

for (const [name, of] of Object.entries(wrongAuthorities)) {
  test(`${titleOf("N15")}: to ${name}`, async (t) => {
    const { port, sockets } = await far(t);
    const way = await wayOut(t, wanted(port));
    const told = await exchangeBytes(t, way.path, connectLines(way, ...of(port)));
    t.match(statusOf(told), /400|403/, told);
    t.equal(sockets.length, 0);
    t.ok(way.door.entries.every(({ code }) => code === "EGRESS_DENIED"));
  });
}

test("a tunnel begins without a body", async (t) => {
  const { port, sockets } = await far(t);
  const way = await wayOut(t, wanted(port));
  const target = `tool.test:${port}`;
  for (const line of ["Content-Length: 5", "Transfer-Encoding: chunked"]) {
    const told = await exchangeBytes(
      t,
      way.path,
      connectLines(way, target, `${target}\r\n${line}`),
    );
    t.match(statusOf(told), /400|403/, told);
  }
  t.equal(sockets.length, 0);
});

test("a tunnel that leads to another address than the one that was judged is dropped", async (t) => {
  const { port, heard } = await far(t);
  const way = await wayOut(t, wanted(port));
  const line = await tunnel(t, way, `tool.test:${port}`);
  // What the kernel says of the other end of a connection.
  const peer = (): object => ({ address: "10.0.0.1", port, family: "IPv4" });
  t.intercept(Socket.prototype as never, "_getpeername", { value: peer, configurable: true });
  line.say(hello());
  t.equal(await line.all(), yes);
  t.strictSame(heard, []);
  t.match(way.door.entries, [{ code: "EGRESS_DENIED" }]);
});

test(`${titleOf("N15")}: a host that is a proxy itself hears TLS and no CONNECT`, async (t) => {
  const { port, heard } = await far(t);
  const way = await wayOut(t, wanted(port));
  const line = await tunnel(t, way, `tool.test:${port}`);
  line.say(connectLines(way, "evil.test:443"));
  await line.all();
  t.strictSame(heard, []);
});

const unopened: Readonly<Record<string, (port: number) => Wanted>> = {
  "without the word": (port) => ({
    net: [plain(port, { scheme: "https", methods: [...httpMethods] })],
  }),
  "for http": (port) => wanted(port, { scheme: "http" }),
  "for a path": (port) => wanted(port, { path: "/v1" }),
  "for some methods": (port) => wanted(port, { methods: ["GET"] }),
  "for another host": (port) => wanted(port, { host: "other.test" }),
  "for public addresses": (port) => wanted(port, { addresses: [] }),
  "along with a secret": (port) => ({
    ...wanted(port),
    grant: {
      permissions: { net: [tunnelled(port)], fs: [] },
      secrets: [{ name: "key", to: plain(1), place: { header: "x-key" } }],
    },
  }),
};
for (const [name, of] of Object.entries(unopened)) {
  test(`a permission ${name} opens no tunnel`, async (t) => {
    const { port, sockets } = await far(t);
    const way = await wayOut(t, of(port));
    const told = await exchangeBytes(t, way.path, connectLines(way, `tool.test:${port}`));
    t.equal(statusOf(told), "403", told);
    t.equal(sockets.length, 0);
    t.match(way.door.entries, [{ action: "CONNECT", code: "EGRESS_DENIED" }]);
  });
}

test("an old client names the host in the first line alone", async (t) => {
  const { port, heard } = await far(t, (socket) => socket.end());
  const way = await wayOut(t, wanted(port));
  const line = new Line(t, way.path);
  line.say(`CONNECT tool.test:${port} HTTP/1.0\r\n${credentialLine(way)}\r\n\r\n`);
  await line.hear(yes);
  line.say(hello()).socket.end();
  await line.all();
  t.strictSame(Buffer.concat(heard), hello());
});

test("a program that has left when its tunnel is granted is no bug of ours", async (t) => {
  const { port, sockets } = await far(t);
  const left = Promise.withResolvers<void>();
  const resolve = async (): Promise<readonly string[]> => {
    await left.promise;
    return ["127.0.0.1"];
  };
  const way = await wayOut(t, { net: [tunnelled(port)], broker: { hosts: {}, resolve } });
  const { socket } = new Line(t, way.path).say(connectLines(way, `tool.test:${port}`));
  socket.once("close", left.resolve);
  socket.end(() => socket.destroy());
  while (way.door.entries.length === 0) await new Promise((done) => setTimeout(done, 5));
  t.match(way.door.entries, [{ action: "CONNECT", code: "EGRESS_FAILED" }]);
  t.strictSame(sockets, []);
});
