import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import type { SecureContext } from "node:tls";
import { limits } from "../../../manifests/limits.ts";
import type { HttpMethod } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { bareHost, type Destination, portOf } from "./destination.ts";
import { readBody } from "./read-body.ts";
import type { Headers } from "./request-headers.ts";

/** What the tool is given of an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface Outgoing {
  readonly method: HttpMethod;
  /** Path and query. The destination's URL lacks what no book may hold. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface ExchangeDeps {
  readonly signal: AbortSignal;
  /** Whom certificates are believed from; where it is left out, Node's own list. */
  readonly authorities?: SecureContext;
  /** Told of the bytes of both bodies as they cross the wire. */
  count(bytes: number): void;
}

/**
 * One request and its answer, to the pinned address, on a connection of its own. No redirect is
 * followed here.
 *
 * @throws {Refusal} `EGRESS_DENIED`, `EGRESS_FAILED`.
 */
export async function exchange(
  destination: Destination,
  outgoing: Outgoing,
  deps: ExchangeDeps,
): Promise<Answer> {
  const body = Buffer.from(outgoing.body, "utf8");
  const request = dial(destination, outgoing, deps);
  try {
    request.end(body.length > 0 ? body : undefined);
    deps.count(body.length);
    const response = await answerOf(request, destination.address);
    return {
      status: response.statusCode ?? 0,
      headers: plainHeaders(response),
      body: hasBody(outgoing.method, response) ? await readBody(response, deps) : "",
    };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw deps.signal.aborted ? failed("the request took too long", error) : networkRefusal(error);
  } finally {
    request.destroy();
  }
}

function dial(
  { url, address }: Destination,
  { method, path, headers, body }: Outgoing,
  { signal, authorities }: ExchangeDeps,
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
      ...(body !== "" && { "content-length": String(Buffer.byteLength(body)) }),
    },
    // The certificate has to be the name's, whatever the environment says.
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: true,
    ...(authorities && { secureContext: authorities }),
    agent: false,
    maxHeaderSize: limits.fetchHeaderBytes,
    insecureHTTPParser: false,
    signal,
  });
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
    request.once("upgrade", () => reject(failed("the answer changes the protocol")));
    // Stays for the time after the answer, too: an error that nobody hears ends the process.
    request.on("error", reject);
  });
}

/** Without a body a packed one would look cut off. */
function hasBody(method: HttpMethod, { statusCode }: IncomingMessage): boolean {
  return method !== "HEAD" && statusCode !== 204 && statusCode !== 304;
}

function isSame(dialled: string | undefined, address: string): boolean {
  return dialled !== undefined && normal(dialled) === normal(address);
}

function normal(address: string): string {
  if (isIP(address) === 4) return address;
  return URL.parse(`http://[${address}]`)?.hostname ?? address;
}

/** One value a name, in a form that JSON carries; bounded by the parser's own limit. */
function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  const plain: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      plain[name] = (Array.isArray(value) ? value.join(", ") : value).toWellFormed();
  }
  // Of what was packed: it is not the body's, and tells what is in it before it is redacted.
  if ("content-encoding" in plain) delete plain["content-length"];
  return plain;
}

function networkRefusal(cause: unknown): Refusal {
  const { code } = cause as { code?: unknown };
  const known = typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code);
  return failed(known ? `the request failed (${code})` : "the request failed", cause);
}

function failed(detail: string, cause?: unknown): Refusal {
  return new Refusal("EGRESS_FAILED", detail, { cause });
}
