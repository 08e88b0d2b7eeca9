import { z } from "zod";
import type { JsonValue } from "../../../manifests/json.ts";
import { limits } from "../../../manifests/limits.ts";
import { type HttpMethod, httpMethods } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { BrokerEntry } from "../../sandbox.ts";
import type { DoorContext } from "../create-broker.ts";
import type { CallSecrets } from "../secrets/secrets.ts";
import {
  type EmptiedRequest,
  type PlainRequest,
  putValues,
  takeHandles,
} from "../secrets/secrets-in-request.ts";
import { canonicalUrl, decideDestination } from "./destination.ts";
import { type Answer, exchange } from "./exchange.ts";
import { checkBody, checkHeaders, type Headers, headersAbroad } from "./request-headers.ts";

/** One request of a chain of redirects. */
interface Hop {
  readonly url: string;
  /** Of the hop that sent us here. */
  readonly from?: URL;
  readonly method: HttpMethod;
  readonly headers: Headers;
  readonly body: string;
}

interface Arrived {
  readonly url: URL;
  readonly answer: Answer;
}

const fetchArgs = z.strictObject({
  url: z.string(),
  method: z.enum(httpMethods).default("GET"),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().default(""),
});

/**
 * One HTTP request of a tool, redirects followed, each a new decision from zero. Every hop is booked.
 *
 * @throws {Refusal} `EGRESS_DENIED`, `EGRESS_FAILED`, `SECRET_MISUSED`, `SECRET_UNAVAILABLE`,
 * `CANCELLED`.
 */
export async function requestFetch(args: JsonValue, context: DoorContext): Promise<JsonValue> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(limits.fetchMs)]);
  let hop = parseHop(args, context);
  for (let count = 0; count <= limits.fetchRedirects; count += 1) {
    const arrived = await take(hop, context, signal);
    const next = nextHop(hop, arrived);
    if (!next) return { url: arrived.url.href, ...arrived.answer };
    hop = next;
  }
  throw booked(lineOf(hop), context, new Refusal("EGRESS_FAILED", "the address leads on and on"));
}

function parseHop(args: JsonValue, context: DoorContext): Hop {
  const parsed = fetchArgs.safeParse(args);
  if (parsed.success) return parsed.data;
  const { data } = z.object({ url: z.string() }).safeParse(args);
  const hop: Hop = { url: data?.url ?? "", method: "GET", headers: {}, body: "" };
  throw booked(lineOf(hop), context, unreadable(args, context.secrets));
}

/** What a tool makes unreadable may carry a handle all the same. */
function unreadable(args: JsonValue, secrets: CallSecrets): unknown {
  try {
    refuseHandlesIn(args, secrets);
    return new Refusal("EGRESS_FAILED", "a fetch takes url, method, headers and body");
  } catch (error) {
    return error;
  }
}

/** Decides, dials and books one hop. */
async function take(hop: Hop, context: DoorContext, signal: AbortSignal): Promise<Arrived> {
  const line = lineOf(hop);
  try {
    const plain = readHop(hop, context.secrets);
    const request = takeHandles(plain, context.secrets, hop.from !== undefined);
    line.target = request.url.href;
    const answer = await send(request, line, { ...context, signal });
    context.book({ ...line });
    context.handIn({ integrity: "untrusted", confidentiality: "public" });
    return { url: request.url, answer };
  } catch (error) {
    throw booked(line, context, error);
  }
}

function readHop(hop: Hop, secrets: CallSecrets): PlainRequest {
  const { method, body } = hop;
  try {
    checkBody(method, body);
    const url = canonicalUrl(hop.url, hop.from);
    // It is never sent, and says all the same what the tool is about.
    secrets.refuseHandles(hop.url.split("#").slice(1).join("#"));
    const headers = hop.from?.origin === url.origin || !hop.from ? hop.headers : abroad(hop);
    return { url, method, headers: checkHeaders(headers), body };
  } catch (error) {
    if (!hop.from) refuseHandlesIn([hop.url, hop.headers, body], secrets);
    throw error;
  }
}

/** In what is not sent in any case: reading all of it would only take time. */
function refuseHandlesIn(value: JsonValue, secrets: CallSecrets): void {
  secrets.refuseHandles(JSON.stringify(value).slice(0, limits.fetchRequestBytes));
}

async function send(request: EmptiedRequest, line: Line, context: DoorContext): Promise<Answer> {
  const { grant, hosts, resolve, secrets, signal, authorities } = context;
  const options = { permissions: grant.permissions.net, hosts, resolve, signal };
  const destination = await decideDestination(request.url, request.method, options);
  line.address = destination.address;
  const filled = await putValues(request, secrets, signal);
  if (request.secrets.length > 0) line.secrets = request.secrets.map(({ name }) => name);
  const count = (bytes: number): void => {
    line.bytes += bytes;
  };
  const outgoing = { method: request.method, ...filled };
  const answer = await exchange(destination, outgoing, {
    signal,
    count,
    ...(authorities && { authorities }),
  });
  return withoutValues(answer, secrets);
}

/** @throws {Refusal} `EGRESS_DENIED` for an answer that leads on to an address with a secret in it. */
function withoutValues(answer: Answer, secrets: CallSecrets): Answer {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(answer.headers)) {
    headers[secrets.redact(name)] = secrets.redact(value);
  }
  if (leadsOn(answer) && headers["location"] !== answer.headers["location"]) {
    throw new Refusal("EGRESS_DENIED", "a redirect would carry a secret on");
  }
  return { ...answer, headers, body: secrets.redact(answer.body) };
}

/** Another origin was not told what the tool wanted to tell the first one. */
function abroad({ headers, body }: Hop): Headers {
  if (body !== "") throw new Refusal("EGRESS_DENIED", "a redirect would carry the body elsewhere");
  return headersAbroad(headers);
}

const redirects: readonly number[] = [301, 302, 303, 307, 308];

function nextHop(hop: Hop, { url, answer }: Arrived): Hop | undefined {
  const location = leadsOn(answer);
  if (location === undefined) return undefined;
  const next = { url: location, from: url, headers: hop.headers };
  // As browsers do.
  const becomesGet =
    (answer.status === 303 && hop.method !== "HEAD") ||
    (answer.status < 303 && hop.method === "POST");
  if (!becomesGet) return { ...next, method: hop.method, body: hop.body };
  const { "content-type": _, ...headers } = hop.headers;
  return { ...next, headers, method: "GET", body: "" };
}

function leadsOn({ status, headers }: Answer): string | undefined {
  return redirects.includes(status) ? headers["location"] : undefined;
}

interface Line {
  readonly door: "fetch";
  readonly action: string;
  target: string;
  bytes: number;
  address?: string;
  secrets?: readonly string[];
}

function lineOf({ method, url }: Hop): Line {
  return { door: "fetch", action: method, target: url.slice(0, limits.urlChars), bytes: 0 };
}

/** Books the hop that failed, and returns what is to be thrown. */
function booked(line: Line, { book, signal }: DoorContext, error: unknown): unknown {
  const told = signal.aborted ? new Refusal("CANCELLED", undefined, { cause: error }) : error;
  const code = told instanceof Refusal ? told.code : "INTERNAL";
  book({ ...line, code } satisfies BrokerEntry);
  return told;
}
