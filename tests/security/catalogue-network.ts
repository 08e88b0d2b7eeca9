import type { Ring } from "../../manifests/refusals.ts";

/** The ring that holds; how the call may end, refusal codes or `completed`; what stays true. */
export type Entry = readonly [Ring, string, string];

/** Attacks on the way out of containers, and on ways around it, by the file that holds them. */
export const networkCatalogue: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  "container-network": {
    N01: ["sandbox", "completed", "there is no device but a loopback of its own, and no route"],
    N14: ["sandbox", "completed", "no datagram, no raw packet and no other protocol leaves"],
    N16: ["sandbox", "completed", "who does not ask the proxy has no way at all"],
    N24: [
      "sandbox",
      "completed",
      "no other sandbox, no door of the gateway's, nothing of the host's",
    ],
  },
  "container-egress-calls": {
    X63: ["broker", "completed", "who stays behind has no way out any more"],
  },
  "container-egress-ways": {
    X60: ["sandbox", "GUEST_ERROR", "no call runs behind a port that somebody else has taken"],
    X61: ["broker", "completed", "no descriptor is handed to the gateway, and none is told"],
    X62: ["sandbox", "completed", "names without a path are the container's own"],
    X64: ["broker", "completed", "who comes before its call has come in vain"],
    X65: ["broker", "completed", "half a connection holds nothing for long"],
    X66: ["sandbox", "completed", "no byte is urgent"],
  },
  "proxy-destinations": {
    N02: ["broker", "EGRESS_DENIED", "no address of a cloud's metadata is reached"],
    N03: ["broker", "EGRESS_DENIED", "no private or special address of IPv4 is reached"],
    N04: ["broker", "EGRESS_DENIED", "no special address of IPv6 is reached, whatever it wraps"],
    N05: [
      "broker",
      "EGRESS_DENIED HTTP_INVALID",
      "an address is judged as it is dialled, however it is spelled",
    ],
    N07: ["broker", "EGRESS_DENIED", "a name is that name, and an empty list is nothing"],
    N08: ["broker", "completed EGRESS_DENIED", "a redirect is followed by nobody but its asker"],
    N09: ["broker", "EGRESS_DENIED", "a name that leads to two places leads to neither"],
    N12: ["broker", "EGRESS_DENIED", "a port that is not granted is not dialled"],
    N13: ["broker", "EGRESS_DENIED", "no name is looked up that is not granted"],
  },
  "proxy-requests": {
    N06: [
      "broker",
      "EGRESS_DENIED HTTP_INVALID",
      "a host holds nothing that ends or splits a line",
    ],
    N18: [
      "broker",
      "HTTP_INVALID UNAUTHENTICATED EGRESS_DENIED EGRESS_FAILED",
      "a request is read in one way or not at all",
    ],
  },
  "proxy-calls": {
    N10: ["broker", "UNAUTHENTICATED CANCELLED", "a connection is worth nothing beyond its call"],
    N20: ["broker", "HOSTCALL_LIMIT", "connections and requests have a number"],
  },
  "proxy-limits": {
    N17: ["broker", "HTTP_INVALID EGRESS_FAILED", "who is slow holds nothing for long"],
    N19: ["broker", "EGRESS_FAILED", "an answer has an end, and a size"],
  },
  "proxy-tunnels": {
    N11: [
      "broker",
      "EGRESS_DENIED EGRESS_FAILED",
      "the hello of a tunnel names the host that was judged",
    ],
    N15: ["broker", "EGRESS_DENIED", "a tunnel through somebody else is a tunnel to him"],
  },
  "proxy-floods": {
    X50: ["broker", "UNAUTHENTICATED HOSTCALL_LIMIT", "who knocks in vain is heard so often"],
    X51: ["broker", "HTTP_INVALID", "what belongs to no request has an end"],
    X52: ["broker", "EGRESS_FAILED", "crumbs cost what portions cost"],
  },
  "proxy-hellos": {
    X53: ["broker", "EGRESS_DENIED", "a hello is read in one way or not at all"],
  },
  "proxy-strangers": {
    X54: ["broker", "EGRESS_FAILED", "no server ends the gateway, or says what is no answer"],
    X55: ["broker", "EGRESS_FAILED", "an answer in crumbs costs what one in portions costs"],
    X56: ["broker", "CANCELLED", "nothing is dialled for a call that is over"],
    X57: ["broker", "completed", "an answer without a body has none"],
  },
  "proxy-secrets": {
    N21: ["broker", "SECRET_MISUSED", "a secret goes to its own place and address alone"],
    N22: ["broker", "completed EGRESS_DENIED", "what is said back of a secret is redacted"],
    N23: ["broker", "SECRET_MISUSED EGRESS_DENIED", "a handle is whole in its place, or refused"],
  },
};

/** Those of them that are made a second time, by a program in a container, on each tier. */
export const madeInside: Readonly<Record<string, readonly string[]>> = {
  "container-egress-calls": ["N10", "N20"],
  "container-egress-destinations": ["N02", "N03", "N04", "N05", "N07", "N08", "N09", "N12", "N13"],
  "container-egress-limits": ["N17", "N19"],
  "container-egress-requests": ["N06", "N18"],
  "container-egress-secrets": ["N21", "N22", "N23"],
  "container-egress-tunnels": ["N11", "N15"],
};
