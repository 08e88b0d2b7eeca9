import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { net } from "./broker-fetch-fixtures.ts";
import { titleOf } from "./catalogue.ts";
import {
  credentialLine,
  exchangeBytes,
  head,
  Line,
  type Place,
  place,
  plain,
  statusOf,
  wayOut,
} from "./proxy-fixtures.ts";

// Ring 8, the broker: what comes out of a container is read in one way, or not at all.

const hosts: Readonly<Record<string, string>> = {
  "a NUL in the host": "http://tool.test\0.evil.test/",
  "a NUL before the port": "http://tool.test\0:80/",
  "a line end in the host": "http://tool.test\r\nX: y/",
  "a single line feed": "http://tool.test\nX: y/",
  "a single return": "http://tool.test\rX: y/",
  "a space in the host": "http://tool.test evil.test/",
  "a tab": "http://tool.test\t.evil/",
  "a byte above ASCII": "http://tool.test\xa0/",
  "percent and zeros": "http://tool.test%00.evil.test/",
  "a percent-encoded line end": "http://tool.test%0d%0aX:y/",
  "a backslash": "http://tool.test\\@evil.test/",
};
for (const [name, target] of Object.entries(hosts)) {
  test(`${titleOf("N06")}: ${name}, in a request and in a tunnel`, async (t) => {
    const here = await place(t);
    const told = await exchangeBytes(
      t,
      here.way.path,
      `${head(here, target)}Connection: close\r\n\r\n`,
    );
    t.match(statusOf(told), /400|403/, told);
    const authority = target.replace(/^http:\/\/|\/$/g, "");
    for (const said of [`${authority}:443`, authority]) {
      const lines = `CONNECT ${said} HTTP/1.1\r\nHost: tool.test\r\n${credentialLine(here.way)}\r\n\r\n`;
      t.match(statusOf(await exchangeBytes(t, here.way.path, lines)), /400|403/, said);
    }
    t.strictSame(here.at.seen, []);
    t.ok(here.way.door.entries.every(({ code }) => code === "EGRESS_DENIED"));
  });
}

/** What stands behind the first lines of a request, and whether it may get through. */
const odd: Readonly<Record<string, (here: Place) => string>> = {
  "two hosts": (here) => `${head(here)}Host: evil.test\r\n\r\n`,
  "the same host twice": (here) => `${head(here)}host: tool.test:${here.at.port}\r\n\r\n`,
  "another host than the address": ({ at, way }) =>
    `GET ${at.url}/ HTTP/1.1\r\nHost: evil.test\r\n${credentialLine(way)}\r\n\r\n`,
  "no host": ({ at, way }) => `GET ${at.url}/ HTTP/1.1\r\n${credentialLine(way)}\r\n\r\n`,
  "an empty host": ({ at, way }) =>
    `GET ${at.url}/ HTTP/1.1\r\nHost: \r\n${credentialLine(way)}\r\n\r\n`,
  "a host with a path": ({ at, way }) =>
    `GET ${at.url}/ HTTP/1.1\r\nHost: tool.test:${at.port}/x\r\n${credentialLine(way)}\r\n\r\n`,
  "a host with a user": ({ at, way }) =>
    `GET ${at.url}/ HTTP/1.1\r\nHost: u@tool.test:${at.port}\r\n${credentialLine(way)}\r\n\r\n`,
  "a host with a fragment": ({ at, way }) =>
    `GET ${at.url}/ HTTP/1.1\r\nHost: tool.test:${at.port}#evil.test\r\n${credentialLine(way)}\r\n\r\n`,
  "a host with an empty user": ({ at, way }) =>
    `GET ${at.url}/ HTTP/1.1\r\nHost: @tool.test:${at.port}\r\n${credentialLine(way)}\r\n\r\n`,
  "a length in two systems": (here) =>
    `${head(here).replace("GET", "POST")}Content-Length: 03\r\n\r\nabc`,
  "a length that nobody can count to": (here) =>
    `${head(here).replace("GET", "POST")}Content-Length: 18446744073709551615\r\n\r\nabc`,
  "a coding before the chunks": (here) =>
    `${head(here).replace("GET", "POST")}Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  "nothing before the chunks": (here) =>
    `${head(here).replace("GET", "POST")}Transfer-Encoding: ,chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  "a connection that is mostly space": (here) =>
    `${head(here)}Connection: close${" ".repeat(10_000)}x\r\n\r\n`,
  "a length and chunks": (here) =>
    `${head(here).replace("GET", "POST")}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  "chunks and a length": (here) =>
    `${head(here).replace("GET", "POST")}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  "two lengths": (here) =>
    `${head(here).replace("GET", "POST")}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy`,
  "a length with a sign": (here) =>
    `${head(here).replace("GET", "POST")}Content-Length: +1\r\n\r\nx`,
  "a coding that is not the last": (here) =>
    `${head(here).replace("GET", "POST")}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  "a coding under a disguise": (here) =>
    `${head(here).replace("GET", "POST")}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
  "a chunk of a wild size": (here) =>
    `${head(here).replace("GET", "POST")}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n`,
  "a line that goes on": (here) => `${head(here)}X-A: b\r\n\tHost: evil.test\r\n\r\n`,
  "a line that goes on behind a space": (here) => `${head(here)}X-A: b\r\n c\r\n\r\n`,
  "a header without a name": (here) => `${head(here)}: x\r\n\r\n`,
  "a header with a NUL": (here) => `${head(here)}X-A: a\0b\r\n\r\n`,
  "a single return between headers": (here) => `${head(here)}X-A: b\rX-B: c\r\n\r\n`,
  "headers that are too large": (here) =>
    `${head(here)}X-A: ${"a".repeat(limits.fetchHeaderBytes)}\r\n\r\n`,
  "a hundred thousand headers": (here) => `${head(here)}${"a: b\r\n".repeat(100_000)}\r\n`,
  "a body where there is none": (here) => `${head(here)}Content-Length: 1\r\n\r\nx`,
  "a header for somebody else behind the proxy": (here) =>
    `${head(here)}X-Forwarded-For: 127.0.0.1\r\n\r\n`,
  "another method in a header": (here) => `${head(here)}X-HTTP-Method-Override: DELETE\r\n\r\n`,
  "a header that the connection takes away": (here) =>
    `${head(here)}Connection: close, X-A\r\nX-A: b\r\n\r\n`,
  "a packing that is none": (here) => `${head(here)}Accept-Encoding: gzip\x80\r\n\r\n`,
  "a header that is no text": (here) => `${head(here)}X-A: \xe9\r\n\r\n`,
  "another protocol": (here) =>
    `${head(here)}Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`,
  "HTTP/2 without TLS": (here) =>
    `${head(here)}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n`,
  TRACE: (here) => `${head(here).replace("GET", "TRACE")}\r\n`,
  OPTIONS: (here) => `${head(here).replace("GET", "OPTIONS")}\r\n`,
  "a method that nobody knows": (here) => `${head(here).replace("GET", "GRAB")}\r\n`,
  "a method that is not granted": (here) => `${head(here).replace("GET", "DELETE")}\r\n`,
  "a path alone": (here) => `${head(here, "/")}\r\n`,
  "an asterisk": (here) => `${head(here, "*").replace("GET", "OPTIONS")}\r\n`,
  "a fragment": (here) => `${head(here, `${here.at.url}/#x`)}\r\n`,
  "HTTP/1.0": (here) => `${head(here).replace("1.1", "1.0")}\r\n`,
  "HTTP/1.0 that wants to stay": (here) =>
    `${head(here).replace("1.1", "1.0")}Connection: keep-alive\r\n\r\n`,
  "HTTP/0.9": (here) => `GET ${here.at.url}/\r\n\r\n`,
  "HTTP/2's preface": () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  SOCKS4: () => "\x04\x01\x00\x50\x7f\x00\x00\x01\x00",
  SOCKS5: () => "\x05\x01\x00",
  TLS: () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  "bytes that are nothing": () => "\0".repeat(64),
};
for (const [name, bytes] of Object.entries(odd)) {
  test(`${titleOf("N18")}: ${name}`, async (t) => {
    const here = await place(t);
    const line = new Line(t, here.way.path).say(bytes(here));
    line.socket.end();
    const told = await line.all();
    t.match(statusOf(told), /^(4\d\d|nothing)$/, told);
    t.notMatch(told, "reached");
    t.strictSame(here.at.seen, []);
  });
}

test(`${titleOf("N18")}: a second request behind the first, before it is answered`, async (t) => {
  const here = await place(t);
  const one = `${head(here)}\r\n`;
  const told = await exchangeBytes(t, here.way.path, one + one);
  t.ok(here.at.seen.length <= 1, "the second one is not sent");
  t.ok(told.split("HTTP/1.1 ").length <= 2, "and not answered");
});

test(`${titleOf("N18")}: a tunnel behind a request that is not answered`, async (t) => {
  const here = await place(t);
  const connecting = `CONNECT tool.test:443 HTTP/1.1\r\nHost: tool.test:443\r\n${credentialLine(here.way)}\r\n\r\n`;
  const told = await exchangeBytes(t, here.way.path, `${head(here)}\r\n${connecting}`);
  t.ok(told.split("HTTP/1.1 ").length <= 2);
  t.ok(here.way.door.entries.every(({ action }) => action === "GET"));
});

test("what a browser or a client says to its proxy alone goes no further", async (t) => {
  const heard: string[] = [];
  const at = await net(t, (request, response) => {
    heard.push(...request.rawHeaders.filter((_, index) => index % 2 === 0));
    response.writeHead(200, {
      "keep-alive": "timeout=5",
      "proxy-authenticate": "Basic",
      "x-a": "b",
    });
    response.end("reached");
  });
  const way = await wayOut(t, { net: [plain(at.port)] });
  const more = ["Proxy-Connection: keep-alive", "TE: trailers", "Expect: 100-continue"];
  const lines = [...more, "Sec-Fetch-Mode: cors", "Connection: close, TE"].join("\r\n");
  const told = await exchangeBytes(t, way.path, `${head({ at, way })}${lines}\r\n\r\n`);
  const names = heard.map((name) => name.toLowerCase()).sort();
  t.strictSame(names, ["accept-encoding", "connection", "host", "user-agent"]);
  t.match(told, "x-a: b");
  t.notMatch(told, /timeout=5|proxy-authenticate/);
});

test("a request behind an answered one is judged by itself", async (t) => {
  const here = await place(t);
  const line = new Line(t, here.way.path).say(`${head(here)}\r\n`);
  await line.hear("reached");
  line.say(`GET ${here.at.url}/x HTTP/1.1\r\nHost: tool.test:${here.at.port}\r\n\r\n`);
  t.match(await line.all(), /reached[\s\S]*HTTP\/1.1 407/, "the credential is the request's own");
  t.equal(here.at.seen.length, 1);
});
