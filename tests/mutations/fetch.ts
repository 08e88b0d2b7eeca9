import type { Mutation } from "./mutations.ts";

const https = "tests/security/broker-https.test.ts";
const names = "tests/security/broker-dns.test.ts";
const egress = "tests/security/broker-egress.test.ts";
const exchange = "tests/security/broker-exchange.test.ts";

export const fetchMutations: readonly Mutation[] = [
  {
    takesOut: "a certificate is checked, whatever the environment says",
    file: "sandbox/broker/http/exchange.ts",
    from: "    rejectUnauthorized: true,\n",
    to: "",
    test: https,
  },
  {
    takesOut: "a certificate is the name's",
    file: "sandbox/broker/http/exchange.ts",
    from: "servername: host",
    to: 'servername: "other.test"',
    test: https,
  },
  {
    takesOut: "the connected address is the judged one",
    file: "sandbox/broker/http/exchange.ts",
    from: "if (isSame(socket.remoteAddress, address)) return;",
    to: "return;",
    test: https,
  },
  {
    takesOut: "an answer with one address that is not public is dropped whole",
    file: "sandbox/broker/http/destination.ts",
    from: "!addresses.every(isAllowed)",
    to: "!addresses.some(isAllowed)",
    test: names,
  },
  {
    takesOut: "what is wrapped into IPv6 is special",
    file: "sandbox/broker/http/addresses.ts",
    from: 'return !global6.check(address, "ipv6") || special.check(address, "ipv6");',
    to: 'return special.check(address, "ipv6");',
    test: egress,
  },
  {
    takesOut: "a resolver that hangs is left",
    file: "sandbox/broker/http/resolver.ts",
    from: "resolver.cancel()",
    to: "undefined",
    test: names,
  },
  {
    takesOut: "an address is plain",
    file: "sandbox/broker/http/destination.ts",
    from: "/[\\u0000-\\u0020\\u007f\\\\]/.test(text)",
    to: "text === undefined",
    test: egress,
  },
  {
    takesOut: "an address names no user",
    file: "sandbox/broker/http/destination.ts",
    from: 'url.username !== "" || url.password !== ""',
    to: "url === undefined",
    test: egress,
  },
  {
    takesOut: "a redirect to another origin takes no header along",
    file: "sandbox/broker/http/fetch.ts",
    from: "return headersAbroad(headers);",
    to: "return headers;",
    test: exchange,
  },
  {
    takesOut: "redirects are counted",
    file: "sandbox/broker/http/fetch.ts",
    from: "count <= limits.fetchRedirects;",
    to: "count <= 50;",
    test: exchange,
  },
  {
    takesOut: "the bytes on the wire are counted",
    file: "sandbox/broker/http/read-body.ts",
    from: "if (meter.cost > limits.fetchBytes) throw tooLarge();",
    to: "",
    test: exchange,
  },
  {
    takesOut: "no transfer coding but chunks is read",
    file: "sandbox/broker/http/exchange.ts",
    from: 'if (coding === undefined || coding.trim().toLowerCase() === "chunked") return;',
    to: "if (coding !== null) return;",
    test: "tests/security/broker-fetch-attacks.test.ts",
  },
  {
    takesOut: "the unpacked bytes are bounded by the packed ones",
    file: "sandbox/broker/http/read-body.ts",
    from: "if (isBomb) {",
    to: "if (decoded < 0) {",
    test: exchange,
  },
  {
    takesOut: "headers have a size",
    file: "sandbox/broker/http/exchange.ts",
    from: "    maxHeaderSize: limits.fetchHeaderBytes,\n",
    to: "    maxHeaderSize: 1e6,\n",
    test: exchange,
  },
];
