import type { Socket } from "node:net";
import { limits } from "../../manifests/limits.ts";
import { credentialLine, type Way } from "./proxy-fixtures.ts";

type Caller = Pick<Way, "credential">;

export function headFor(way: Caller, target: string, method = "GET"): string {
  const { host } = new URL(target);
  return `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${credentialLine(way)}\r\n`;
}

/** How a program begins, and then says nothing more. */
export const slowRequests: Readonly<Record<string, (way: Caller, target: string) => string>> = {
  "who says nothing": () => "",
  "a line that never ends": () => "GET http://tool.te",
  "headers that never end": (way, target) => headFor(way, target),
};

export const ok: string = "HTTP/1.1 200 OK\r\n";

/** How a server begins, and then says nothing more. */
export const slowServers: Readonly<Record<string, (socket: Socket) => void>> = {
  "a server that never answers": () => undefined,
  "a server that never ends its headers": (socket) => socket.write(`${ok}x: `),
  "a server that never ends its body": (socket) => socket.write(`${ok}\r\nx`),
};

/** What is no answer. */
export const wrongAnswers: Readonly<Record<string, string>> = {
  "no HTTP": "SSH-2.0-OpenSSH\r\n\r\n",
  "headers that are too large": `${ok}x: ${"y".repeat(limits.fetchHeaderBytes)}\r\n\r\n`,
  "two lengths": `${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nxy`,
  "a length and chunks": `${ok}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
  "a coding beside chunks": `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  "another protocol":
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
  "interim answers without end": "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(
    limits.fetchInterims + 1,
  ),
  "nothing at all": "",
};

/** Answers that end too soon. */
export const cutAnswers: readonly (readonly [string, string])[] = [
  ["less than it promises", `${ok}content-length: 100\r\n\r\nxy`],
  [
    "a chunk of a wild size",
    `${ok}transfer-encoding: chunked\r\n\r\n1\r\nx\r\nfffffffffffffffff\r\n`,
  ],
  ["chunks that break off", `${ok}transfer-encoding: chunked\r\n\r\n1\r\nx\r\n`],
];
