import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { refuseConnection } from "./refusal-answer.ts";

export interface Handlers {
  connection(socket: Socket): void;
  /** For one connection that is too many, and is closed. */
  dropped(): void;
  request(request: IncomingMessage, response: ServerResponse): void;
  tunnel(request: IncomingMessage, socket: Socket): void;
}

/** HTTP/1.1 as strictly as Node reads it, and with a limit to all that can be sent or waited for. */
export function makeServer({ connection, dropped, request, tunnel }: Handlers): Server {
  const server = createServer({
    insecureHTTPParser: false,
    requireHostHeader: true,
    maxHeaderSize: limits.fetchHeaderBytes,
    headersTimeout: containerLimits.helloMs,
    requestTimeout: containerLimits.egressMs,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: containerLimits.egressIdleMs,
  });
  server.maxConnections = containerLimits.proxyConnections;
  // For a program that does not take what it is told.
  server.timeout = containerLimits.egressMs;
  server.on("connection", connection).on("drop", dropped);
  const busy: WeakSet<Socket> = new WeakSet();
  const hear = (asked: IncomingMessage, response: ServerResponse): void => {
    const { socket } = asked;
    // Nothing is said behind a request that has no answer yet: answers could be taken for another's.
    if (busy.has(socket)) {
      socket.destroy();
      return;
    }
    busy.add(socket);
    response.once("close", () => busy.delete(socket));
    request(asked, response);
  };
  // What is expected beside an interim answer is said to nobody; Node would answer it by itself.
  server.on("request", hear).on("checkExpectation", hear);
  server.on("connect", (asked, socket: Socket, head) => {
    if (busy.has(socket)) {
      socket.destroy();
      return;
    }
    // Stays: an error that nobody hears ends the process.
    socket.on("error", () => undefined);
    if (head.length > 0) socket.unshift(head);
    tunnel(asked, socket);
  });
  server.on("clientError", (error, socket) => {
    const isFresh = socket.writable && (socket as Socket).bytesWritten === 0;
    if (isFresh) refuseConnection(socket, new Refusal("HTTP_INVALID", undefined, { cause: error }));
    // In the middle of an answer this would be taken for a part of it.
    else socket.destroy();
  });
  return server;
}
