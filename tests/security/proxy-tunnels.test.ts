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
import { helloFor, helloOf } from "./proxy-hello.ts";
import { connectLines, far, listening, tunnel, yes } from "./proxy-tunnel-fixtures.ts";

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
/** First bytes of tunnels to `tool.test`, none of which may lead anywhere. */
const wrong: Readonly<Record<string, Buffer>> = {
  "another host": hello("other.test"),
  "a host that ends alike": hello("eviltool.test"),
  "a host beneath": hello("x.tool.test"),
  "a dot at the end of the host": hello("tool.test."),
  "a NUL behind the host": hello("tool.test\0"),
  "a NUL in the host": hello("tool.test\0.evil.test"),
  "an address for a host": hello("127.0.0.1"),
  "an empty host": hello(""),
  "no host": helloOf({}),
  "an empty list of hosts": helloOf({ names: [] }),
  "two hosts": helloOf({
    names: [
      [0, "tool.test"],
      [0, "evil.test"],
    ],
  }),
  "a name that is no host": helloOf({ names: [[1, "tool.test"]] }),
  "hosts twice": helloFor("evil.test", {
    more: [[0, Buffer.from("000c0000096f6b2e74657374", "hex")]],
  }),
  "a hello that is hidden in it": helloFor("tool.test", { more: [[0xfe_0d, Buffer.alloc(40)]] }),
  ...Object.fromEntries(
    [0xff_ce, 0xfe_08, 0xfe_09, 0xfe_0a, 0xfe_0b, 0xfe_0c].map((kind) => [
      `a hello that is hidden as a draft had it, under ${kind}`,
      helloFor("tool.test", { more: [[kind, Buffer.alloc(40)]] }),
    ]),
  ),
  "references to a hello outside": helloFor("tool.test", { more: [[0xfd_00, Buffer.alloc(4)]] }),
  "an extension twice": helloFor("tool.test", {
    more: [
      [10, Buffer.alloc(4)],
      [10, Buffer.alloc(4)],
    ],
  }),
  "something behind the hello": helloFor("tool.test", { behind: hello("evil.test").subarray(5) }),
  "a hello of another protocol": Buffer.from([22, 1, 1, ...hello().subarray(3)]),
  "a message that is no hello": Buffer.from([...hello().subarray(0, 5), 2, ...hello().subarray(6)]),
  "a length beyond the limit": Buffer.from([22, 3, 1, 0, 4, 1, 255, 255, 255]),
  "a record of no size": Buffer.from([22, 3, 1, 0, 0]),
  "a record that is too large": Buffer.from([22, 3, 1, 255, 255]),
  "an alert": Buffer.from([21, 3, 1, 0, 2, 1, 0]),
  "the hello of SSL 2": Buffer.from("802e0100020015000000100100800300", "hex"),
  "plain text": Buffer.from("GET / HTTP/1.1\r\nHost: tool.test\r\n\r\n"),
  "one more CONNECT": Buffer.from("CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test\r\n\r\n"),
  SOCKS5: Buffer.from([5, 1, 0]),
  SSH: Buffer.from("SSH-2.0-OpenSSH_9\r\n"),
};
for (const [name, bytes] of Object.entries(wrong)) {
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

/** Where a tunnel may not lead, to a grant for `tool.test` and its port. */
const refused: Readonly<Record<string, (port: number) => readonly [string, string?]>> = {
  "another host": (port) => [`other.test:${port}`],
  "another port": () => ["tool.test:22"],
  "the host's address": (port) => [`127.0.0.1:${port}`],
  "the host's address in decimal": (port) => [`2130706433:${port}`],
  "no port": () => ["tool.test"],
  "an empty port": () => ["tool.test:"],
  "a port of zero": () => ["tool.test:0"],
  "a port in another base": (port) => [`tool.test:0x${port.toString(16)}`],
  "a port with zeros before": (port) => [`tool.test:0${port}`],
  "a user": (port) => [`user@tool.test:${port}`],
  "a path": (port) => [`tool.test:${port}/x`],
  "a scheme": (port) => [`https://tool.test:${port}`],
  "a zone": (port) => [`[fe80::1%25lo]:${port}`],
  "a dot at the end": (port) => [`tool.test.:${port}`],
  "another host in the Host header": (port) => [`tool.test:${port}`, `other.test:${port}`],
};
for (const [name, of] of Object.entries(refused)) {
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
