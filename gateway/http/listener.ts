import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
} from "fastify";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import { parseStrictJson } from "../../manifests/strict-json.ts";
import type { Caller } from "../credentials/credentials.ts";
import { type Answer, problemAnswer } from "./answer.ts";
import { addressOf, type Door } from "./door.ts";
import { refusalOf, refusalOfClientError } from "./refusal-of.ts";
import {
  checkPlace,
  checkSingleHeaders,
  type Place,
  plainAddress,
  readBearer,
} from "./request-checks.ts";
import type { Asked, Route } from "./route.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set on routes that ask for a credential, once it is known to be good. */
    caller: Caller | undefined;
  }
}

export interface ListenerOptions {
  readonly routes: readonly Route[];
  readonly door: Door;
  readonly place: Place;
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  readonly behindProxy: boolean;
}

/** An HTTP server over a table of routes, not listening yet. Every refusal is an RFC 9457 document. */
export function createListener(options: ListenerOptions): FastifyInstance {
  const { door, routes, place } = options;
  const app = fastify(serverOptions(options));
  app.server.maxConnections = limits.connections;
  app.decorateRequest("caller", undefined);
  readJsonOnly(app);
  app.addHook("onRequest", (request, _reply, done) => {
    done(wrongPlace(request, place));
  });
  app.setNotFoundHandler(() => {
    throw new Refusal("NOT_FOUND");
  });
  app.setErrorHandler((error, request, reply) => refuse(error, { request, reply, door }));
  for (const route of routes) addRoute(app, route, door);
  return app;
}

function serverOptions({ door, tls, behindProxy }: ListenerOptions): FastifyServerOptions {
  const { requestReceiveMs, bodyBytes } = door.limits;
  const server = {
    connectionsCheckingInterval: Math.min(1_000, requestReceiveMs),
    headersTimeout: requestReceiveMs,
    maxHeaderSize: limits.headerBytes,
  };
  return {
    ...(tls ? { https: { ...server, ...tls } } : { http: server }),
    logger: false,
    bodyLimit: bodyBytes,
    requestTimeout: requestReceiveMs,
    // A connection on which nothing moves: longer than the longest call.
    connectionTimeout: limits.answerMs,
    // Whoever connects is the proxy, and says who called it; what that one says is not believed.
    trustProxy: behindProxy && ((_address: string, hop: number): boolean => hop === 0),
    exposeHeadRoutes: false,
    // The door refuses by itself while it closes, in its own form.
    return503OnClosing: false,
    routerOptions: { maxParamLength: limits.pathChars },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, door),
    frameworkErrors: (error, request, reply) => refuse(error, { request, reply, door }),
  } as FastifyServerOptions;
}

/** Bodies are read by the one strict parser, and nothing else reads any. */
function readJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      done(null, parseStrictJson(body));
    } catch (error) {
      done(error as Error);
    }
  });
}

function wrongPlace({ raw }: FastifyRequest, place: Place): Error | undefined {
  try {
    checkSingleHeaders(raw.rawHeaders);
    checkPlace(raw.headers, raw.socket.localAddress ?? "", place);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function addRoute(app: FastifyInstance, route: Route, door: Door): void {
  app.route({
    method: route.method,
    url: route.path,
    // One byte, because Fastify takes no zero: a route without a body reads none.
    bodyLimit: route.body === undefined ? 1 : door.limits.bodyBytes,
    ...(route.kinds !== undefined && {
      onRequest: async (request: FastifyRequest): Promise<void> => {
        request.caller = await door.enter(request, route);
      },
    }),
    handler: async (request, reply) => send(reply, await answer(route, request, reply)),
  });
}

function answer(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer> | Answer {
  const asked = askedOf(request, reply);
  if (route.kinds === undefined) return route.handle(asked);
  const { caller } = request;
  if (caller === undefined) throw new Refusal("UNAUTHENTICATED");
  return route.handle({ ...asked, caller, bearer: readBearer(request.headers) });
}

function askedOf(request: FastifyRequest, reply: FastifyReply): Asked {
  return {
    params: request.params as Record<string, string>,
    query: request.query as JsonObject,
    headers: request.headers,
    body: (request.body ?? null) as JsonValue,
    onHangUp: (act) => reply.raw.once("close", act),
  };
}

function send(reply: FastifyReply, { status, headers, text }: Answer): FastifyReply {
  return reply
    .code(status)
    .headers({ ...commonHeaders, ...headers })
    .send(text);
}

/** Answers hold what only the caller may know, and are never pages. */
const commonHeaders = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly door: Door;
}

function refuse(error: unknown, { request, reply, door }: Exchange): FastifyReply {
  const refusal = refusalOf(error);
  door.counter.count(refusal.code, addressOf(request));
  if (refusal.code === "INTERNAL") door.log.error({ err: error }, "bug");
  return send(reply, problemAnswer(refusal));
}

function answerClientError(error: unknown, socket: Socket, door: Door): void {
  if ((error as { code?: unknown }).code === "ECONNRESET") return;
  const refusal = refusalOfClientError(error);
  door.counter.count(refusal.code, plainAddress(socket.remoteAddress ?? "unknown"));
  if (!socket.writable || owesAnswer(socket)) socket.destroy();
  else socket.end(rawAnswer(problemAnswer(refusal)));
}

/** Whether an earlier request on the connection is not answered yet: it would get this answer. */
function owesAnswer(socket: Socket): boolean {
  const { _httpMessage: message } = socket as { _httpMessage?: { req?: { complete: boolean } } };
  return message?.req?.complete === true;
}

function rawAnswer({ status, headers, text }: Answer): string {
  const lines = Object.entries({
    ...commonHeaders,
    ...headers,
    "content-length": String(Buffer.byteLength(text)),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${text}`;
}
