import { Refusal } from "../../../manifests/refusals.ts";
import { canonicalUrl } from "./destination.ts";
import { checkHeaders, type Headers } from "./request-headers.ts";

/** What a program says to the proxy alone, by name in lower case, and what it says to the server. */
export interface ProgramHeaders {
  readonly toProxy: Headers;
  readonly toServer: Headers;
}

/** They frame one message between two neighbours, or are about it; each is said anew to the next. */
const ofOneHop: ReadonlySet<string> = new Set([
  ...["host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer"],
  ...["expect", "accept-encoding", "proxy-connection", "proxy-authorization"],
]);

/**
 * Each name once: of two, another reader might take the other one.
 *
 * @throws {Refusal} `EGRESS_DENIED`.
 */
export function readProgramHeaders(rawHeaders: readonly string[]): ProgramHeaders {
  const toProxy: Record<string, string> = Object.create(null);
  const toServer: Record<string, string> = Object.create(null);
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    const side = ofOneHop.has(name) ? toProxy : toServer;
    if (name in side) throw denied("a header is there twice");
    // A browser's word about pages; some other clients say it, too.
    if (!name.startsWith("sec-fetch-")) side[name] = rawHeaders[at + 1] ?? "";
  }
  refuseOptions(toProxy["connection"]);
  return { toProxy, toServer: checkHeaders(toServer) };
}

/** Whoever reads the line of the request and whoever reads `Host` see one host. */
export function refuseOtherHost(url: URL, { host = "" }: Headers): void {
  if (!/^[\w.:[\]-]+$/.test(host)) throw denied("the Host header names no host");
  const said = canonicalUrl(`${url.protocol}//${host}/`);
  if (said.host !== url.host) throw denied("the Host header names another host");
}

const known: ReadonlySet<string> = new Set(["", "close", "keep-alive", "te"]);

/** By `Connection` a header can be taken from whoever reads on. */
function refuseOptions(connection = ""): void {
  // Taken apart, not matched: the time that a pattern takes for many spaces has no end.
  const options = connection.split(",").map((option) => option.trim().toLowerCase());
  if (!options.every((option) => known.has(option))) {
    throw denied("a connection is closed or kept, and no more");
  }
}

function denied(detail: string): Refusal {
  return new Refusal("EGRESS_DENIED", detail);
}
