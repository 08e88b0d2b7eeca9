import { z } from "zod";
import type { JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { type HttpMethod, httpMethods } from "../../manifests/permissions.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { BrokerEntry } from "../sandbox.ts";
import type { DoorContext } from "./create-broker.ts";
import { canonicalUrl, decideDestination } from "./destination.ts";
import { type Answer, exchange } from "./exchange.ts";
import { checkHeaders, type Headers, headersAbroad } from "./request-headers.ts";

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
 * @throws {Refusal} `EGRESS_DENIED`, `EGRESS_FAILED`, `CANCELLED`.
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
  const refusal = new Refusal("EGRESS_FAILED", "a fetch takes url, method, headers and body");
  throw booked(lineOf(hop), context, refusal);
}

/** Decides, dials and books one hop. */
async function take(hop: Hop, context: DoorContext, signal: AbortSignal): Promise<Arrived> {
  const line = lineOf(hop);
  try {
    const url = canonicalUrl(hop.url, hop.from);
    line.target = url.href;
    const headers = hop.from?.origin === url.origin || !hop.from ? hop.headers : abroad(hop);
    const request = { method: hop.method, headers: checkHeaders(headers), body: hop.body };
    const options = { permissions: context.grant.permissions.net, hosts: context.hosts, signal };
    const destination = await decideDestination(url, hop.method, options);
    line.address = destination.address;
    const count = (bytes: number): void => {
      line.bytes += bytes;
    };
    const answer = await exchange(destination, request, { signal, count });
    context.book({ ...line });
    context.handIn({ integrity: "untrusted", confidentiality: "public" });
    return { url, answer };
  } catch (error) {
    throw booked(line, context, error);
  }
}

/** Another origin was not told what the tool wanted to tell the first one. */
function abroad({ headers, body }: Hop): Headers {
  if (body !== "") throw new Refusal("EGRESS_DENIED", "a redirect would carry the body elsewhere");
  return headersAbroad(headers);
}

const redirects: readonly number[] = [301, 302, 303, 307, 308];

function nextHop(hop: Hop, { url, answer }: Arrived): Hop | undefined {
  const location = answer.headers["location"];
  if (location === undefined || !redirects.includes(answer.status)) return undefined;
  const next = { url: location, from: url, headers: hop.headers };
  // As browsers do.
  const becomesGet =
    (answer.status === 303 && hop.method !== "HEAD") ||
    (answer.status < 303 && hop.method === "POST");
  if (!becomesGet) return { ...next, method: hop.method, body: hop.body };
  const { "content-type": _, ...headers } = hop.headers;
  return { ...next, headers, method: "GET", body: "" };
}

interface Line {
  readonly door: "fetch";
  readonly action: string;
  target: string;
  bytes: number;
  address?: string;
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
