import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { finished } from "node:stream/promises";
import { Refusal } from "../../../manifests/refusals.ts";
import type { BrokerDoor } from "../broker.ts";
import type { Gate } from "../gate.ts";
import type { ProgramAnswer } from "../http/program-request.ts";
import { refusalAnswer, refuseConnection } from "./refusal-answer.ts";
import { serveHost } from "./serve-host.ts";

/** What there is for one request. */
export interface Serving {
  /** Absent where it was not let in. */
  readonly door: BrokerDoor | undefined;
  /** For reading what is held until it is whole. */
  readonly reading: Gate;
}

/**
 * One request but CONNECT: at the door where there is one, refused where not. True where it was not
 * refused.
 *
 * @throws {Error} for a bug of ours alone; the program has its answer by then.
 */
export async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { door, reading }: Serving,
): Promise<boolean> {
  response.sendDate = false;
  try {
    if (!door) throw new Refusal("UNAUTHENTICATED", challenge);
    if (request.httpVersion !== "1.1") throw new Refusal("HTTP_INVALID", "speak HTTP/1.1");
    const name = /^\/host\/([a-z.]{1,40})$/.exec(request.url ?? "")?.[1];
    if (name !== undefined && request.method === "POST")
      await serveHost(request, response, { name, door, reading });
    else await pass(request, response, door);
    return true;
  } catch (error) {
    await refuse(request, response, error);
    return false;
  }
}

const challenge = "say `Proxy-Authorization` as the call was told it";

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  door: BrokerDoor,
): Promise<void> {
  const left = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) left.abort();
  });
  const { method = "", url: target = "", rawHeaders } = request;
  await door.pass({ method, target, rawHeaders, body: request, signal: left.signal }, (answer) =>
    tell(answer, response),
  );
}

async function tell({ status, rawHeaders, body }: ProgramAnswer, response: ServerResponse) {
  response.writeHead(status, [...rawHeaders]);
  if (!Buffer.isBuffer(body)) return await body(response);
  response.end(body);
  await finished(response);
}

/** A program that was told half of an answer sees it end too soon. */
async function refuse(request: IncomingMessage, response: ServerResponse, error: unknown) {
  if (response.headersSent) response.destroy();
  else {
    // What it had not said by then is read by nobody.
    if (!request.complete) response.shouldKeepAlive = false;
    const { status, headers, body } = refusalAnswer(error);
    response.writeHead(status, headers).end(body);
    await finished(response).catch(() => undefined);
  }
  if (!(error instanceof Refusal)) throw error;
}

/**
 * One CONNECT, and all that goes through. True where it was not refused.
 *
 * @throws {Error} for a bug of ours alone.
 */
export async function serveConnect(
  { url: target = "", rawHeaders }: IncomingMessage,
  socket: Socket,
  { door }: Pick<Serving, "door">,
): Promise<boolean> {
  let isOpen = false;
  try {
    if (!door) throw new Refusal("UNAUTHENTICATED", challenge);
    await door.tunnel({ target, rawHeaders }, () => {
      isOpen = true;
      // The tunnel has limits of its own.
      socket.setTimeout(0);
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      return socket;
    });
    return true;
  } catch (error) {
    if (isOpen) socket.destroy();
    else refuseConnection(socket, error);
    if (!(error instanceof Refusal)) throw error;
    return false;
  }
}
