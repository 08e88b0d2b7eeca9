import { limits } from "../../../manifests/limits.ts";
import type { HttpMethod } from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";

export type Headers = Readonly<Record<string, string>>;

/**
 * What a tool may not set: what frames the message, names its destination, or makes a server take
 * it for another method, path or sender than the ones that were judged.
 */
const forbidden: ReadonlySet<string> = new Set([
  ...["host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade"],
  ...["te", "trailer", "expect", "accept-encoding", "via", "forwarded", "http2-settings"],
  ...["x-real-ip", "x-original-url", "x-rewrite-url", "x-original-host", "x-host"],
  ...["x-original-uri", "x-original-method", "x-envoy-original-path"],
  ...["x-http-method", "x-http-method-override", "x-method-override"],
  ...["client-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip"],
]);
const forbiddenPrefixes = ["proxy-", "sec-", "x-forwarded-"];

/** What may still be sent when a redirect leaves the origin that the tool spoke to. */
const harmless: ReadonlySet<string> = new Set(["accept", "accept-language", "user-agent"]);

/**
 * The headers with names in lower case.
 *
 * @throws {Refusal} `EGRESS_DENIED` for one that is not the tool's to set or would break the message.
 */
export function checkHeaders(headers: Headers): Headers {
  const checked: Record<string, string> = {};
  let bytes = 0;
  for (const [spelling, value] of Object.entries(headers)) {
    const name = spelling.toLowerCase();
    if (!isAllowed(name) || !isPlain(value) || Object.hasOwn(checked, name)) {
      throw new Refusal("EGRESS_DENIED", "a tool may not send one of these headers");
    }
    bytes += name.length + value.length + 4;
    checked[name] = value;
  }
  if (bytes > limits.fetchHeaderBytes) {
    throw new Refusal("EGRESS_DENIED", "the headers are too large");
  }
  return checked;
}

/**
 * Before anything reads it: what is too large is not looked at either.
 *
 * @throws {Refusal} `EGRESS_DENIED`.
 */
export function checkBody(method: HttpMethod, body: string): void {
  const bytes = Buffer.byteLength(body);
  if (bytes > limits.fetchRequestBytes) {
    throw new Refusal("EGRESS_DENIED", "the request's body is too large");
  }
  if (body !== "" && (method === "GET" || method === "HEAD")) {
    throw new Refusal("EGRESS_DENIED", `a ${method} request carries no body`);
  }
}

export function headersAbroad(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => harmless.has(name.toLowerCase())),
  );
}

function isAllowed(name: string): boolean {
  return (
    /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name) &&
    name !== "__proto__" &&
    !forbidden.has(asRead(name)) &&
    !forbiddenPrefixes.some((prefix) => asRead(name).startsWith(prefix))
  );
}

/** Many servers hand headers on as variables, in which every sign has become the same one. */
function asRead(name: string): string {
  return name.replace(/[^a-z0-9]/g, "-");
}

/** Printable ASCII and tabs: nothing that ends a line, nothing that two sides encode differently. */
function isPlain(value: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(value);
}
