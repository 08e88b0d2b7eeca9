import { z } from "zod";
import type { JsonValue } from "../../../manifests/json.ts";
import { limits } from "../../../manifests/limits.ts";
import { type HttpMethod, httpMethods } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../door-context.ts";
import type { CallSecrets } from "../secrets/secrets.ts";
import { type AnswerText, leadsOn, readAnswer, withoutValues } from "./answer.ts";
import { canonicalUrl } from "./destination.ts";
import { booked, type Line, lineOf } from "./line.ts";
import { checkBody, checkHeaders, type Headers, headersAbroad } from "./request-headers.ts";
import { type PlainRequest, takeHandles } from "./secrets-in-request.ts";
import { send } from "./send.ts";

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
  readonly answer: AnswerText;
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
  throw booked(
    lineOfHop(hop),
    context,
    new Refusal("EGRESS_FAILED", "the address leads on and on"),
  );
}

function parseHop(args: JsonValue, context: DoorContext): Hop {
  const parsed = fetchArgs.safeParse(args);
  if (parsed.success) return parsed.data;
  const { data } = z.object({ url: z.string() }).safeParse(args);
  const hop: Hop = { url: data?.url ?? "", method: "GET", headers: {}, body: "" };
  throw booked(lineOfHop(hop), context, unreadable(args, context.secrets));
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
  const line = lineOfHop(hop);
  try {
    const plain = readHop(hop, context.secrets);
    const request = takeHandles(plain, context.secrets, hop.from !== undefined);
    line.target = request.url.href;
    const { body, ...head } = await send(request, {
      ...{ context, signal, line },
      use: (response, deps) => readAnswer(hop.method, response, deps),
    });
    const answer = withoutValues({ ...head, body: body.toString("utf8") }, context.secrets);
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

/** Another origin was not told what the tool wanted to tell the first one. */
function abroad({ headers, body }: Hop): Headers {
  if (body !== "") throw new Refusal("EGRESS_DENIED", "a redirect would carry the body elsewhere");
  return headersAbroad(headers);
}

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

function lineOfHop({ method, url }: Hop): Line {
  return lineOf(method, url);
}
