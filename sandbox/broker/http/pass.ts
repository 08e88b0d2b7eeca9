import { isUtf8 } from "node:buffer";
import type { Readable, Writable } from "node:stream";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { limits } from "../../../manifests/limits.ts";
import { type HttpMethod, httpMethods } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { DoorContext } from "../door-context.ts";
import type { CallSecrets } from "../secrets/secrets.ts";
import { hasBody, readAnswer, withoutValues } from "./answer.ts";
import { Deadline } from "./deadline.ts";
import { canonicalUrl } from "./destination.ts";
import { isLength, networkRefusal } from "./exchange.ts";
import { booked, type Line, lineOf } from "./line.ts";
import { readProgramHeaders, refuseOtherHost } from "./program-headers.ts";
import type { ProgramRequest, Tell } from "./program-request.ts";
import { pump } from "./pump.ts";
import { readProgramBody } from "./read-program-body.ts";
import { checkBody, type Headers } from "./request-headers.ts";
import { type PlainRequest, takeHandles } from "./secrets-in-request.ts";
import { type Stream, send } from "./send.ts";

/**
 * One HTTP request of a program, as it comes and as it is answered. No redirect is followed: the
 * program follows it, and asks again. Where the call has secrets both bodies are held until they are
 * whole, so that nothing goes out or comes in that was not read.
 *
 * @throws {Refusal} `EGRESS_DENIED`, `EGRESS_FAILED`, `SECRET_MISUSED`, `SECRET_UNAVAILABLE`,
 * `CANCELLED`.
 */
export async function passRequest(
  request: ProgramRequest,
  tell: Tell,
  context: DoorContext,
): Promise<void> {
  const line = lineOf(request.method, request.target);
  const isHeld = context.grant.secrets.length > 0;
  const mostMs = isHeld ? limits.fetchMs : containerLimits.egressMs;
  const deadline = new Deadline(mostMs, [context.signal, request.signal]);
  const passing = { context, line, signal: deadline.signal };
  try {
    await (isHeld ? passWhole(request, tell, passing) : passStream(request, tell, passing));
    context.book({ ...line });
  } catch (error) {
    throw booked(line, context, error);
  } finally {
    deadline.release();
  }
}

interface Passing {
  readonly context: DoorContext;
  readonly line: Line;
  readonly signal: AbortSignal;
}

async function passWhole(
  request: ProgramRequest,
  tell: Tell,
  { context, line, signal }: Passing,
): Promise<void> {
  const { secrets } = context;
  const { upload, framing: _, ...head } = readHeadWithoutHandles(request, secrets);
  const said = upload ? await readText(upload) : "";
  const plain = takeHandles({ ...head, body: said }, secrets, false);
  line.target = plain.url.href;
  const answer = await send(plain, {
    ...{ context, signal, line },
    use: (response, deps) => readAnswer(head.method, response, deps),
  });
  context.handIn(foreign);
  // Each byte is a character: what is no text leaves as it came.
  const told = withoutValues({ ...answer, body: answer.body.toString("latin1") }, secrets);
  const body = Buffer.from(told.body, "latin1");
  const rawHeaders = withoutHop(Object.entries(told.headers).flat(), ofPacking);
  await tell({ status: told.status, rawHeaders, body }).catch((error: unknown) => {
    throw networkRefusal(error);
  });
}

async function passStream(
  request: ProgramRequest,
  tell: Tell,
  { context, line, signal }: Passing,
): Promise<void> {
  const { upload, framing, ...head } = readHead(request);
  line.target = head.url.href;
  const stream: Stream = {
    ...(upload && { upload }),
    mostBytes: containerLimits.egressBytes,
    mostIdleMs: containerLimits.egressIdleMs,
  };
  const plain = { ...head, headers: { ...head.headers, ...framing }, body: "", secrets: [] };
  await send(plain, {
    ...{ context, signal, line, stream },
    use: async (response, { count }) => {
      context.handIn(foreign);
      const body = hasBody(head.method, response)
        ? (to: Writable) => pump(response, to, count)
        : Buffer.alloc(0);
      const { statusCode: status = 0, rawHeaders } = response;
      // A length where there is never a body is the length of what comes behind it.
      await tell({
        status,
        rawHeaders: withoutHop(rawHeaders, status === 204 ? ofBody : none),
        body,
      });
    },
  });
}

const foreign = { integrity: "untrusted", confidentiality: "public" } as const;

interface Head extends Omit<PlainRequest, "body"> {
  /** Absent where there is no body. */
  readonly upload?: Readable;
  /** What a server has to know of a body that is passed on as it comes. */
  readonly framing: Headers;
}

function readHead({ method, target, rawHeaders, body }: ProgramRequest): Head {
  if (!isHttpMethod(method)) throw denied("the method is none of those that can be granted");
  if (target.includes("#")) throw denied("no fragment is sent");
  const url = canonicalUrl(target);
  const { toProxy, toServer: headers } = readProgramHeaders(rawHeaders);
  refuseOtherHost(url, toProxy);
  const { "accept-encoding": packing = "identity" } = toProxy;
  if (!/^[\w ,;=.*-]{0,200}$/.test(packing)) throw denied("a packing is named that is none");
  const framing = { ...framingOf(toProxy), "accept-encoding": packing };
  const head = { url, method, headers, framing };
  if (!("content-length" in framing || "transfer-encoding" in framing)) return head;
  checkBody(method, "x");
  return { ...head, upload: body };
}

/** As the proxy's own parser has read it: one of them, or none. */
function framingOf({
  "content-length": length = "0",
  "transfer-encoding": coding,
}: Headers): Headers {
  if (coding !== undefined) {
    // Of several, the last one was read here, and the others would be lost.
    if (coding.toLowerCase() !== "chunked") throw denied("a body comes in chunks, and no more");
    return { "transfer-encoding": "chunked" };
  }
  if (!isLength(length)) throw denied("a length is a number of bytes");
  return length === "0" ? {} : { "content-length": length };
}

/** What is refused may carry a handle all the same. */
function readHeadWithoutHandles(request: ProgramRequest, secrets: CallSecrets): Head {
  try {
    return readHead(request);
  } catch (error) {
    secrets.refuseHandles([request.target, ...request.rawHeaders].join("\n"));
    throw error;
  }
}

/** @throws {Refusal} `EGRESS_DENIED`, `EGRESS_FAILED`. */
async function readText(body: Readable): Promise<string> {
  const bytes = await readProgramBody(body, limits.fetchRequestBytes);
  if (!isUtf8(bytes)) throw denied("a call that has secrets sends text, and nothing packed");
  return bytes.toString("utf8");
}

const none: ReadonlySet<string> = new Set();
const ofBody: ReadonlySet<string> = new Set(["content-length"]);
const ofPacking: ReadonlySet<string> = new Set(["content-length", "content-encoding"]);
const ofHop: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"],
  ...["proxy-authenticate", "proxy-authentication-info", "proxy-connection"],
]);

/** What a server says to its neighbour is not said to the program. */
function withoutHop(rawHeaders: readonly string[], more: ReadonlySet<string>): readonly string[] {
  return rawHeaders.filter((_, at) => {
    const name = (rawHeaders[at - (at % 2)] ?? "").toLowerCase();
    return !ofHop.has(name) && !more.has(name);
  });
}

function isHttpMethod(method: string): method is HttpMethod {
  return httpMethods.some((one) => one === method);
}

function denied(detail: string): Refusal {
  return new Refusal("EGRESS_DENIED", detail);
}
