import { promises as dns, type LookupAddress } from "node:dns";
import { isIP } from "node:net";
import { limits } from "../../manifests/limits.ts";
import { type HttpMethod, type NetPermission, urlPathWithin } from "../../manifests/permissions.ts";
import { Refusal } from "../../manifests/refusals.ts";
import { isCovered, isSpecialAddress } from "./addresses.ts";

/** Where a request goes. The same object is judged, resolved, dialled and booked. */
export interface Destination {
  readonly url: URL;
  readonly method: HttpMethod;
  /** The one address that is dialled. */
  readonly address: string;
}

/**
 * The one reading of a URL. What two parsers could read in two ways is refused.
 *
 * @throws {Refusal} `EGRESS_DENIED`.
 */
export function canonicalUrl(text: string, base?: URL): URL {
  if (text.length > limits.urlChars) throw denied("the address is too long");
  // The parser would drop tabs and line ends, and take a backslash for a slash.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: just these are looked for.
  if (/[\u0000-\u0020\u007f\\]/.test(text)) throw denied("the address holds a forbidden character");
  const url = URL.parse(text, base?.href);
  if (!url || !/^https?:$/.test(url.protocol)) throw denied("the address is not an http one");
  if (url.username !== "" || url.password !== "") throw denied("the address names a user");
  if (url.href.length > limits.urlChars) throw denied("the address is too long");
  url.hash = "";
  return url;
}

/**
 * Matches against the grant, then resolves, once. An answer with one address that is not allowed is
 * dropped whole: whoever gives it is not to be trusted with the others.
 *
 * @throws {Refusal} `EGRESS_DENIED`, `EGRESS_FAILED`.
 */
export async function decideDestination(
  url: URL,
  method: HttpMethod,
  { permissions, hosts, signal }: DecideOptions,
): Promise<Destination> {
  const matching = permissions.filter((permission) => covers(permission, url, method));
  if (matching.length === 0) throw denied("the grant does not cover this address");
  const addresses = await resolveHost(bareHost(url), hosts, signal);
  const ranges = matching.flatMap((permission) => permission.addresses ?? []);
  const isAllowed = (address: string): boolean =>
    !isSpecialAddress(address) || isCovered(address, ranges);
  if (!addresses.every(isAllowed)) throw denied("the host leads to an address that is not public");
  const [address] = addresses;
  if (address === undefined) throw new Refusal("EGRESS_FAILED", "the host has no address");
  return { url, method, address };
}

export interface DecideOptions {
  readonly permissions: readonly NetPermission[];
  readonly hosts: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

function covers(permission: NetPermission, url: URL, method: HttpMethod): boolean {
  return (
    url.protocol === `${permission.scheme}:` &&
    bareHost(url) === permission.host.replace(/^\[|\]$/g, "") &&
    permission.ports.includes(portOf(url)) &&
    permission.methods.includes(method) &&
    urlPathWithin(url.pathname, permission.path)
  );
}

/** Without the brackets of IPv6. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

export function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

async function resolveHost(
  host: string,
  hosts: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const own = Object.hasOwn(hosts, host) ? hosts[host] : undefined;
  if (own !== undefined) return [own];
  const answer = await Promise.race([lookUp(host), rejectOnAbort(signal)]);
  // A scoped address (`fe80::1%eth0`) names a link of this machine.
  return answer.map(({ address }) => address.replace(/%.*$/, ""));
}

async function lookUp(host: string): Promise<readonly LookupAddress[]> {
  try {
    return await dns.lookup(host, { all: true, order: "verbatim" });
  } catch (cause) {
    throw new Refusal("EGRESS_FAILED", "the host could not be looked up", { cause });
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(new Refusal("EGRESS_FAILED", "the request took too long"));
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
}

function denied(detail: string): Refusal {
  return new Refusal("EGRESS_DENIED", detail);
}
