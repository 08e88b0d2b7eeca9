import type { IncomingHttpHeaders } from "node:http";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";

/** What a listener is called by. */
export interface Place {
  /** Host names and address literals, lower case, without brackets and port. */
  readonly hosts: ReadonlySet<string>;
  /** `http`, `https`, or both where a proxy ends TLS. */
  readonly schemes: readonly string[];
}

/** A header that two readers could understand in two ways, because it can be there twice. */
const singleHeaders: ReadonlySet<string> = new Set([
  "authorization",
  "content-encoding",
  "content-type",
  "host",
  "idempotency-key",
  "origin",
]);

/**
 * Node takes the first of some doubled headers and joins others; a proxy before it may do otherwise.
 *
 * @param rawHeaders names and values in turn.
 * @throws {Refusal} `HTTP_INVALID`.
 */
export function checkSingleHeaders(rawHeaders: readonly string[]): void {
  let seen = "";
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? "";
    if (!singleHeaders.has(name)) continue;
    if (seen.includes(`,${name},`)) throw new Refusal("HTTP_INVALID", `\`${name}\` is there twice`);
    seen += `,${name},`;
  }
}

const hostHeader = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/;

/**
 * A web page that has its own name resolve to this address (DNS rebinding) sends that name as Host;
 * a page from anywhere sends its Origin. Neither may speak to the gateway.
 *
 * @param localAddress the address that the connection came in at.
 * @throws {Refusal} `ORIGIN_REFUSED`.
 */
export function checkPlace(headers: IncomingHttpHeaders, localAddress: string, place: Place): void {
  const host = headers.host?.toLowerCase() ?? "";
  const [, literal, name] = hostHeader.exec(host) ?? [];
  const called = literal ?? name ?? "";
  const isOurs =
    place.hosts.has(called) || (called !== "" && called === plainAddress(localAddress));
  if (!isOurs || !isSameOrigin(headers.origin, host, place)) throw new Refusal("ORIGIN_REFUSED");
}

function isSameOrigin(origin: string | undefined, host: string, { schemes }: Place): boolean {
  if (origin === undefined) return true;
  return schemes.some((scheme) => origin.toLowerCase() === `${scheme}://${host}`);
}

/** IPv4 as such where the system writes it as IPv6. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}

/** @throws {Refusal} `UNAUTHENTICATED`. */
export function readBearer({ authorization }: IncomingHttpHeaders): string {
  const [scheme, bearer, ...rest] = authorization?.split(" ") ?? [];
  const isBearer = scheme?.toLowerCase() === "bearer" && bearer && rest.length === 0;
  if (!isBearer) throw new Refusal("UNAUTHENTICATED");
  return bearer;
}

const jsonType = /^application\/json(?:[ \t]*;[ \t]*charset="?utf-8"?)?$/i;

/** @throws {Refusal} `MEDIA_TYPE`. */
export function checkMediaType(headers: IncomingHttpHeaders): void {
  if (!jsonType.test(headers["content-type"] ?? "")) throw new Refusal("MEDIA_TYPE");
  if (headers["content-encoding"] !== undefined) {
    throw new Refusal("MEDIA_TYPE", "the body is compressed");
  }
}

const printable = /^[\x20-\x7e]+$/;

/** @throws {Refusal} `REQUEST_INVALID`. */
export function readIdempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined) return undefined;
  const isKey =
    typeof key === "string" && key.length <= limits.idempotencyKeyChars && printable.test(key);
  if (isKey) return key;
  throw new Refusal(
    "REQUEST_INVALID",
    `\`Idempotency-Key\` is 1 to ${limits.idempotencyKeyChars} printable ASCII characters`,
  );
}

/** RFC 7240: whether the caller would rather ask later than wait. */
export function prefersAsync({ prefer }: IncomingHttpHeaders): boolean {
  const preferences = String(prefer ?? "").split(",", 16);
  return preferences.some((preference) => preference.trim().toLowerCase() === "respond-async");
}
