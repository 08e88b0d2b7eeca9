import { isJsonObject, type JsonValue } from "../../../manifests/json.ts";
import type { HttpMethod } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { GrantedSecret, SecretPlace } from "../../../manifests/secret.ts";
import { parseStrictJson } from "../../../manifests/strict-json.ts";
import type { CallSecrets } from "../secrets/secrets.ts";
import { isCovered } from "./addresses.ts";
import { covers, type Destination } from "./destination.ts";
import type { Headers } from "./request-headers.ts";

/** One request, of which every part has been read. */
export interface PlainRequest {
  readonly url: URL;
  readonly method: HttpMethod;
  readonly headers: Headers;
  readonly body: string;
}

/** A request out of which each handle has been taken, and what belongs there instead. */
export interface EmptiedRequest extends PlainRequest {
  readonly secrets: readonly GrantedSecret[];
}

/**
 * Takes each handle out of the place that its secret is bound to. What a redirect leads to is looked
 * at from zero: where the secret is not bound to go, the request goes without it.
 *
 * @throws {Refusal} `SECRET_MISUSED` for a handle anywhere else, in whatever spelling, or for a
 * request that its secret is not bound to.
 */
export function takeHandles(
  request: PlainRequest,
  secrets: CallSecrets,
  isRedirected: boolean,
): EmptiedRequest {
  let emptied = request;
  const taken: GrantedSecret[] = [];
  for (const secret of secrets.given()) {
    const without = takeOut(emptied, secret.place, secret.handle);
    if (without === undefined) continue;
    emptied = without;
    if (covers(secret.to, request.url, request.method)) taken.push(secret);
    else refuseUnbound(secret, secrets, isRedirected);
  }
  const { url, headers, body } = emptied;
  for (const text of [url.href, JSON.stringify(headers), body]) secrets.refuseHandles(text);
  if (secrets.areGiven) refuseParts(headers);
  return { ...emptied, secrets: taken };
}

function refuseUnbound(secret: GrantedSecret, secrets: CallSecrets, isRedirected: boolean): void {
  if (!isRedirected) throw secrets.misuse("the secret is not bound to this address");
  // A body cannot be sent without a part of it.
  if ("json" in secret.place) {
    throw new Refusal("EGRESS_DENIED", "a redirect would carry the body elsewhere");
  }
}

/**
 * A part of a value that is said back is no spelling of it. A server may keep what it was sent, and say
 * it to a request that carries nothing.
 */
function refuseParts(headers: Headers): void {
  if ("range" in headers || "if-range" in headers) {
    throw new Refusal(
      "EGRESS_DENIED",
      "no part of an answer is asked for where a secret may be sent",
    );
  }
}

/** Undefined where the handle is not the whole value of the place. */
function takeOut(
  request: PlainRequest,
  place: SecretPlace,
  handle: string,
): PlainRequest | undefined {
  if ("header" in place) {
    const { [place.header]: value, ...headers } = request.headers;
    return value === handle ? { ...request, headers } : undefined;
  }
  if ("query" in place) {
    const url = new URL(request.url);
    if (url.searchParams.getAll(place.query).join("&") !== handle) return undefined;
    url.searchParams.delete(place.query);
    return { ...request, url };
  }
  if (!isJson(request.headers)) return undefined;
  const body = replaceInJson(request.body, place.json, { from: handle, to: "" });
  return body === undefined ? undefined : { ...request, body };
}

/** What a server takes for a form has its fields elsewhere. */
function isJson({ "content-type": type = json }: Headers): boolean {
  return /^application\/(?:[a-z0-9.+-]{1,80}\+)?json(?: ?; ?charset="?utf-8"?)?$/i.test(type);
}

const json = "application/json";

/**
 * On the way to another machine anybody could read it, whatever its binding says. What never leaves
 * this one needs no TLS.
 *
 * @throws {Refusal} `EGRESS_DENIED`.
 */
export function refuseInTheClear(
  { url, secrets }: EmptiedRequest,
  { address }: Pick<Destination, "address">,
): void {
  if (secrets.length === 0 || url.protocol === "https:") return;
  if (isCovered(address, ["127.0.0.0/8", "::1/128"])) return;
  throw new Refusal("EGRESS_DENIED", "a secret leaves this machine through https alone");
}

/** What goes over the wire: each value in its place. */
export interface FilledRequest {
  /** Path and query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** @throws {Refusal} `SECRET_UNAVAILABLE`. */
export async function putValues(
  { url, headers, body, secrets: taken }: EmptiedRequest,
  secrets: CallSecrets,
  signal: AbortSignal,
): Promise<FilledRequest> {
  const wire = new URL(url);
  const filled: { headers: Record<string, string>; body: string } = {
    headers: { ...headers },
    body,
  };
  // How short a packed answer is tells what it repeats: a guess, and the value that was sent.
  if (taken.length > 0) filled.headers["accept-encoding"] = "identity";
  for (const secret of taken) {
    const { place } = secret;
    const value = await secrets.value(secret, signal);
    if ("header" in place) filled.headers[place.header] = (place.prefix ?? "") + value;
    else if ("query" in place) wire.searchParams.append(place.query, value);
    else {
      filled.headers["content-type"] ??= json;
      filled.body = replaceInJson(filled.body, place.json, { from: "", to: value }) ?? "";
    }
  }
  return { path: wire.pathname + wire.search, ...filled };
}

/** Undefined where the body is no JSON, or something else stands there. */
function replaceInJson(
  body: string,
  pointer: string,
  { from, to }: { readonly from: string; readonly to: string },
): string | undefined {
  const document = readJson(body);
  const path = pointer.slice(1).split("/").map(unescapePointer);
  const last = path.pop() ?? "";
  const parent = path.reduce<JsonValue | undefined>(memberOf, document);
  if (!isJsonObject(parent) || memberOf(parent, last) !== from) return undefined;
  parent[last] = to;
  return JSON.stringify(document);
}

function readJson(text: string): JsonValue | undefined {
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function unescapePointer(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
