import { BlockList, isIP } from "node:net";

/**
 * True for an address that the public Internet does not route: loopback, private, link-local (the
 * clouds' metadata), shared, documentation, multicast, reserved, and everything that wraps an IPv4
 * address in an IPv6 one (mapped, NAT64, 6to4, Teredo).
 */
export function isSpecialAddress(address: string): boolean {
  if (isIP(address) === 4) return special.check(address, "ipv4");
  // Of IPv6 only 2000::/3 is handed out; the rest is special by definition.
  return !global6.check(address, "ipv6") || special.check(address, "ipv6");
}

/** True when one of the ranges (CIDR) covers the address. */
export function isCovered(address: string, ranges: readonly string[]): boolean {
  return listOf(ranges).check(address, familyOf(address));
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return list;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}

/** IANA's registries of special-purpose addresses, and one host of a cloud among public ones. */
const special: BlockList = listOf([
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"],
  ...["172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24"],
  ...["192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15"],
  ...["198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  "168.63.129.16/32",
  ...["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"],
]);

const global6: BlockList = listOf(["2000::/3"]);
