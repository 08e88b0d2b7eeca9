import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import type { Readable } from "node:stream";
import type { SecureContext } from "node:tls";
import { limits } from "../../../manifests/limits.ts";
import type { HttpMethod } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { bareHost, type Destination, portOf } from "./destination.ts";
import { pump } from "./pump.ts";
import type { Headers } from "./request-headers.ts";

export interface Outgoing {
  readonly destination: Destination;
  readonly method: HttpMethod;
  /** Path and query. The destination's URL lacks what no book may hold. */
  readonly path: string;
  /** Of a body that is a stream they say where it ends. */
  readonly headers: Headers;
  readonly body: string | Readable;
}

export interface ExchangeDeps {
  readonly signal: AbortSignal;
  /** Whom certificates are believed from; where it is left out, Node's own list. */
  readonly authorities: SecureContext | undefined;
  /** Nothing crosses the wire for so long: it is given up. */
  readonly idleMs: number | undefined;
  /** Told of the bytes of the request's body as they cross the wire; may throw. */
  count(bytes: number): void;
}

/**
 * One request, to the pinned address, on a connection of its own, and whatever is wanted of its
 * answer. No redirect is followed here; nothing of it is left when this ends.
 *
 * @throws {Refusal} `EGRESS_DENIED`, `EGRESS_FAILED`.
 */
export async function exchange<T>(
  outgoing: Outgoing,
  deps: ExchangeDeps,
  use: (response: IncomingMessage) => Promise<T>,
): Promise<T> {
  const { signal } = deps;
  // Before there is a request: one that is dropped unheard says so where nobody listens.
  if (signal.aborted) throw failed("the request took too long");
  const request = dial(outgoing, deps);
  let response: IncomingMessage | undefined;
  // A body without a length looks whole when its connection is cut: it is told before.
  const end = (detail: string) => (): void => void (response ?? request).destroy(failed(detail));
  const late = end("the request took too long");
  signal.addEventListener("abort", late);
  request.once("timeout", end("nothing came or went for too long"));
  try {
    sendBody(request, outgoing.body, deps);
    response = await answerOf(request, outgoing.destination.address);
    refuseOddHead(response);
    return await use(response);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw signal.aborted ? failed("the request took too long", error) : networkRefusal(error);
  } finally {
    signal.removeEventListener("abort", late);
    request.destroy();
  }
}

function dial(
  { destination: { url, address }, method, path, headers, body }: Outgoing,
  { authorities, idleMs }: ExchangeDeps,
): ClientRequest {
  const host = bareHost(url);
  const client = url.protocol === "https:" ? https : http;
  return client.request({
    // The address, not the name: nothing is looked up a second time.
    host: address,
    port: portOf(url),
    method,
    path,
    headers: {
      "user-agent": "ringward",
      "accept-encoding": "gzip, deflate, br",
      ...headers,
      host: url.host,
      connection: "close",
      ...(typeof body === "string" &&
        body !== "" && { "content-length": String(Buffer.byteLength(body)) }),
    },
    // The certificate has to be the name's, whatever the environment says.
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: true,
    ...(authorities && { secureContext: authorities }),
    agent: false,
    maxHeaderSize: limits.fetchHeaderBytes,
    insecureHTTPParser: false,
    ...(idleMs !== undefined && { timeout: idleMs }),
  });
}

function sendBody(request: ClientRequest, body: string | Readable, { count }: ExchangeDeps): void {
  if (typeof body === "string") {
    const bytes = Buffer.from(body, "utf8");
    request.end(bytes.length > 0 ? bytes : undefined);
    count(bytes.length);
  } else {
    // The request ends with what fails here, and says so itself.
    pump(body, request, count).catch(() => undefined);
  }
}

function answerOf(request: ClientRequest, address: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let interim = 0;
    request.once("socket", (socket) => {
      socket.once("connect", () => {
        if (isSame(socket.remoteAddress, address)) return;
        request.destroy(new Refusal("EGRESS_DENIED", "the connection led to another address"));
      });
    });
    request.once("response", resolve);
    request.on("information", () => {
      interim += 1;
      if (interim > limits.fetchInterims) reject(failed("the answer never begins"));
    });
    request.once("upgrade", (_, socket) => {
      // From here on it is nobody's: the request's end does not end it, nor hear of its errors.
      socket.destroy();
      reject(failed("the answer changes the protocol"));
    });
    // Stays for the time after the answer, too: an error that nobody hears ends the process.
    request.on("error", reject);
  });
}

/** Whether a connection leads to the address that was judged. */
export function isSame(dialled: string | undefined, address: string): boolean {
  return dialled !== undefined && normal(dialled) === normal(address);
}

function normal(address: string): string {
  if (isIP(address) === 4) return address;
  return URL.parse(`http://[${address}]`)?.hostname ?? address;
}

/** Where two readers could see another end of the answer, there is none. */
function refuseOddHead({ statusCode = 0, headers }: IncomingMessage): void {
  if (statusCode < 200) throw failed("the answer is no answer");
  const { "transfer-encoding": coding, "content-length": length } = headers;
  // Some read it as octal.
  if (length !== undefined && !isLength(length)) throw failed("the answer has no length");
  // None was asked for.
  if (coding === undefined || coding.trim().toLowerCase() === "chunked") return;
  throw failed("the answer is coded in a way that is not read here");
}

/** A number of bytes that all who read it take for the same one. */
export function isLength(text: string): boolean {
  return /^(?:0|[1-9][0-9]{0,14})$/.test(text);
}

/** A refusal that says of the network's own error as much as is known to be harmless. */
export function networkRefusal(cause: unknown): Refusal {
  const { code } = cause as { code?: unknown };
  const known = typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code);
  return failed(known ? `the request failed (${code})` : "the request failed", cause);
}

function failed(detail: string, cause?: unknown): Refusal {
  return new Refusal("EGRESS_FAILED", detail, { cause });
}
