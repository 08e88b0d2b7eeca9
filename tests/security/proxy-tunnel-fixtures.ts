import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Test } from "tap";
import { credentialLine, Line, type Way } from "./proxy-fixtures.ts";

/** A server that notes what comes to it, byte by byte, and answers as it is told. */
export interface Far {
  readonly port: number;
  readonly heard: Buffer[];
  readonly sockets: Socket[];
}

export async function far(
  t: Test,
  serve: (socket: Socket) => void = () => undefined,
): Promise<Far> {
  const heard: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => heard.push(chunk));
    serve(socket);
  });
  return { port: await listening(t, server, sockets), heard, sockets };
}

/** Until the test ends. */
export async function listening(
  t: Test,
  server: Server,
  sockets: readonly Socket[],
): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What a client says to have a tunnel. */
export function connectLines(
  way: Pick<Way, "credential">,
  target: string,
  host: string = target,
): string {
  return `CONNECT ${target} HTTP/1.1\r\nHost: ${host}\r\n${credentialLine(way)}\r\n\r\n`;
}

export const yes: string = "HTTP/1.1 200 Connection Established\r\n\r\n";

/** A tunnel of which the proxy has said that the way is granted. */
export async function tunnel(t: Test, way: Way, target: string): Promise<Line> {
  const line = new Line(t, way.path).say(connectLines(way, target));
  await line.hear(yes);
  return line;
}
