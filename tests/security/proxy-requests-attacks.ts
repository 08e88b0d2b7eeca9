import { limits } from "../../manifests/limits.ts";
import { credentialLine, head, type Spot } from "./proxy-fixtures.ts";

/** Targets that two readers could take for two hosts. */
export const oddHosts: Readonly<Record<string, string>> = {
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

/** Requests that two readers could take for two, or that ask for what no program gets. */
export const oddRequests: Readonly<Record<string, (here: Spot) => string>> = {
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
