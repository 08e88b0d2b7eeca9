import { isIP } from "node:net";
import { limits } from "../../../manifests/limits.ts";
import {
  type HttpMethod,
  isOpen,
  type NetPermission,
  urlPathWithin,
} from "../../../manifests/permissions.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { SecretDestination } from "../../../manifests/secret.ts";
import { isCovered, isSpecialAddress } from "./addresses.ts";
import type { Resolve } from "./resolver.ts";

/** Where a request goes. The same object is judged, resolved, dialled and booked. */
export interface Destination {
  readonly url: URL;
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
  method: HttpMethod | "CONNECT",
  { permissions, hosts, resolve, signal }: DecideOptions,
): Promise<Destination> {
  const matching = permissions.filter((permission) =>
    method === "CONNECT" ? leadsThrough(permission, url) : covers(permission, url, method),
  );
  if (matching.length === 0) throw denied("the grant does not cover this address");
  const host = bareHost(url);
  const addresses = knownAddresses(host, hosts) ?? (await resolve(host, signal));
  const ranges = matching.flatMap((permission) => permission.addresses ?? []);
  const isAllowed = (address: string): boolean =>
    !isSpecialAddress(address) || isCovered(address, ranges);
  if (!addresses.every(isAllowed)) throw denied("the host leads to an address that is not public");
  const [address] = addresses;
  if (address === undefined) throw new Refusal("EGRESS_FAILED", "the host has no address");
  return { url, address };
}

/** Inside a tunnel no method and no path is held: the permission has to name them all. */
function leadsThrough(permission: NetPermission, url: URL): boolean {
  return permission.tunnel === true && isOpen(permission) && covers(permission, url, "GET");
}

export interface DecideOptions {
  readonly permissions: readonly NetPermission[];
  readonly hosts: Readonly<Record<string, string>>;
  readonly resolve: Resolve;
  readonly signal: AbortSignal;
}

/** Whether a request lies within a permission, or within what a secret is bound to. */
export function covers(permission: SecretDestination, url: URL, method: HttpMethod): boolean {
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

function knownAddresses(
  host: string,
  hosts: Readonly<Record<string, string>>,
): readonly string[] | undefined {
  if (isIP(host) !== 0) return [host];
  const own = Object.hasOwn(hosts, host) ? hosts[host] : undefined;
  return own === undefined ? undefined : [own];
}

function denied(detail: string): Refusal {
  return new Refusal("EGRESS_DENIED", detail);
}
