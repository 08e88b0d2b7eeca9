import type { Mutation } from "./mutations.ts";

const destination = "sandbox/broker/http/destination.ts";
const headers = "sandbox/broker/http/request-headers.ts";
const egress = "tests/security/broker-egress.test.ts";
const headersTest = "sandbox/broker/http/request-headers.test.ts";

/** Each range of addresses that no request is to reach. */
const ranges = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"],
  ...["172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24"],
  ...["192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15"],
  ...["198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"],
  ...["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"],
];

/** Each header that a tool may not set; `:` stands for names that are none in any case. */
const forbidden = [
  ...["host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade"],
  ...["te", "trailer", "expect", "accept-encoding", "via", "forwarded", "http2-settings"],
  ...["x-real-ip", "x-original-url", "x-rewrite-url", "x-original-host", "x-host"],
  ...["x-original-uri", "x-original-method", "x-envoy-original-path"],
  ...["client-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip"],
  ...["x-http-method", "x-http-method-override", "x-method-override"],
  ...["proxy-", "sec-", "x-forwarded-"],
];

/** Where a request may go, and what it may say on its way. */
export const destinationsMutations: readonly Mutation[] = [
  ...ranges.map((range) => ({
    takesOut: `${range} is special`,
    file: "sandbox/broker/http/addresses.ts",
    ...{ from: `"${range}"`, to: range.includes(":") ? '"2a00::1/128"' : '"8.8.4.4/32"' },
    test: egress,
  })),
  {
    takesOut: "a special address is one that the grant names",
    file: destination,
    from: "!isSpecialAddress(address) || isCovered(address, ranges)",
    to: "!isSpecialAddress(address) || isCovered(address, ranges) || ranges.length === 0",
    test: egress,
  },
  {
    takesOut: "a grant's range is that range",
    file: "sandbox/broker/http/addresses.ts",
    ...{ from: "Number(bits), familyOf(address)", to: "1, familyOf(address)" },
    test: egress,
  },
  {
    takesOut: "a grant that covers nothing",
    ...{ file: destination, from: "if (matching.length === 0) throw", to: "if (!matching) throw" },
    test: "tests/security/broker-fetch-attacks.test.ts",
  },
  {
    takesOut: "an address is short",
    file: destination,
    from: "if (text.length > limits.urlChars) throw",
    to: "if (text.length < 0) throw",
    test: egress,
  },
  {
    takesOut: "an address is short when it has been read, too",
    file: destination,
    from: "if (url.href.length > limits.urlChars) throw",
    to: "if (url.href.length < 0) throw",
    test: egress,
  },
  {
    takesOut: "an address is an http one",
    file: destination,
    from: " || !/^https?:$/.test(url.protocol)",
    to: "",
    test: egress,
  },
  {
    takesOut: "no fragment is sent or booked",
    ...{ file: destination, from: '  url.hash = "";\n', to: "" },
    test: egress,
  },
  {
    takesOut: "the scheme is the granted one",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a text of the source.
    ...{ file: destination, from: "url.protocol === `${permission.scheme}:` &&", to: "" },
    test: egress,
  },
  {
    takesOut: "the host is the granted one",
    file: destination,
    from: 'bareHost(url) === permission.host.replace(/^\\[|\\]$/g, "") &&',
    to: "",
    test: egress,
  },
  {
    takesOut: "the port is a granted one",
    ...{ file: destination, from: "permission.ports.includes(portOf(url)) &&", to: "" },
    test: egress,
  },
  {
    takesOut: "the method is a granted one",
    ...{ file: destination, from: "permission.methods.includes(method) &&", to: "" },
    test: egress,
  },
  {
    takesOut: "the path is a granted one",
    file: destination,
    from: "urlPathWithin(url.pathname, permission.path)",
    to: "permission !== undefined",
    test: egress,
  },
  {
    takesOut: "names of the prototype are no hosts",
    file: destination,
    from: "Object.hasOwn(hosts, host) ? hosts[host] : undefined",
    to: "hosts[host]",
    test: egress,
  },
  ...forbidden.map((name) => ({
    takesOut: `no tool sets \`${name}\``,
    ...{ file: headers, from: `"${name}"`, to: '"x-none"' },
    test: headersTest,
  })),
  {
    takesOut: "names of headers are names",
    file: headers,
    from: "/^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name) &&",
    to: "",
    test: headersTest,
  },
  {
    takesOut: "no name is the prototype's",
    ...{ file: headers, from: 'name !== "__proto__" &&', to: "" },
    test: headersTest,
  },
  {
    takesOut: "names are read in lower case",
    ...{ file: headers, from: "spelling.toLowerCase();", to: "spelling;" },
    test: headersTest,
  },
  {
    takesOut: "values are plain",
    ...{ file: headers, from: "!isPlain(value) || ", to: "" },
    test: headersTest,
  },
  {
    takesOut: "a name stands once",
    ...{ file: headers, from: " || Object.hasOwn(checked, name)", to: "" },
    test: headersTest,
  },
  {
    takesOut: "headers that are sent have a size",
    ...{ file: headers, from: "if (bytes > limits.fetchHeaderBytes)", to: "if (bytes < 0)" },
    test: headersTest,
  },
  {
    takesOut: "another origin is told little",
    ...{ file: headers, from: "harmless.has(name.toLowerCase())", to: "harmless.size > 0" },
    test: headersTest,
  },
];
