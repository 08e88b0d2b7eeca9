import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { Refusal, refusalEntry } from "../../../manifests/refusals.ts";

export interface RefusalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a program is told; of what is no refusal, nothing but that. */
export function refusalAnswer(error: unknown): RefusalAnswer {
  const { code, message } = error instanceof Refusal ? error : new Refusal("INTERNAL");
  const body = JSON.stringify({ code, detail: message });
  const isUnknown = code === "UNAUTHENTICATED";
  return {
    status: isUnknown ? 407 : refusalEntry(code).status,
    headers: {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      ...(isUnknown && { "proxy-authenticate": 'Basic realm="call"', connection: "close" }),
    },
    body,
  };
}

/** For a connection that no answer was begun on; it ends with this one. */
export function refuseConnection(socket: Duplex, error: unknown): void {
  const { status, headers, body } = refusalAnswer(error);
  const lines = Object.entries({ ...headers, connection: "close" }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
}
