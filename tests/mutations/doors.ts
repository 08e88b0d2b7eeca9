import type { Mutation } from "./mutations.ts";

const exchange = "sandbox/broker/http/exchange.ts";
const fetch = "sandbox/broker/http/fetch.ts";
const body = "sandbox/broker/http/read-body.ts";
const broker = "sandbox/broker/create-broker.ts";
const gate = "sandbox/broker/gate.ts";

const exchangeTest = "tests/security/broker-exchange.test.ts";
const egress = "tests/security/broker-egress.test.ts";
const names = "tests/security/broker-dns.test.ts";
const limits = "tests/security/broker-files-limits.test.ts";

/** What the broker's door lets through, and what comes back through it. */
export const doorsMutations: readonly Mutation[] = [
  {
    takesOut: "a request's body has a size",
    ...{
      file: "sandbox/broker/http/request-headers.ts",
      from: "if (bytes > limits.fetchRequestBytes)",
      to: "if (bytes < 0)",
    },
    test: exchangeTest,
  },
  {
    takesOut: "a GET has no body",
    ...{
      file: "sandbox/broker/http/request-headers.ts",
      from: 'method === "GET" || method === "HEAD")) {',
      to: 'method === "HEAD")) {',
    },
    test: exchangeTest,
  },
  {
    takesOut: "an answer begins one day",
    ...{
      file: exchange,
      from: "if (interim > limits.fetchInterims) reject",
      to: "if (interim < 0) reject",
    },
    test: exchangeTest,
  },
  {
    takesOut: "an answer keeps to the protocol",
    ...{
      file: exchange,
      from: 'reject(failed("the answer changes the protocol"));',
      to: "",
    },
    test: exchangeTest,
  },
  {
    takesOut: "a request ends with its call",
    ...{ file: exchange, from: '  signal.addEventListener("abort", late);\n', to: "" },
    test: exchangeTest,
  },
  {
    takesOut: "an unpacked answer has a size",
    ...{ file: body, from: "if (decoded > limits.fetchBytes) throw tooLarge();", to: "" },
    test: exchangeTest,
  },
  {
    takesOut: "an answer is packed in a known way",
    file: body,
    from: 'throw new Refusal("EGRESS_FAILED", "the answer is packed in a way that is not read here");',
    to: "return new PassThrough();",
    test: exchangeTest,
  },
  {
    takesOut: "a request has its time",
    ...{ file: fetch, from: "AbortSignal.timeout(limits.fetchMs)", to: "AbortSignal.timeout(1e9)" },
    test: exchangeTest,
  },
  {
    takesOut: "no redirect carries a body elsewhere",
    ...{ file: fetch, from: 'if (body !== "") throw', to: "if (body === undefined) throw" },
    test: exchangeTest,
  },
  {
    takesOut: "a redirect is judged from zero",
    ...{
      file: fetch,
      from: "const url = canonicalUrl(hop.url, hop.from);",
      to: "const url = hop.from ? new URL(hop.url, hop.from) : canonicalUrl(hop.url);",
    },
    test: exchangeTest,
  },
  {
    takesOut: "what is fetched is a stranger's",
    ...{
      file: fetch,
      from: 'context.handIn({ integrity: "untrusted", confidentiality: "public" });',
      to: "",
    },
    test: egress,
  },
  {
    takesOut: "what is fetched is booked",
    ...{ file: fetch, from: "    context.book({ ...line });\n", to: "" },
    test: egress,
  },
  {
    takesOut: "what is refused is booked",
    file: "sandbox/broker/http/line.ts",
    ...{ from: "  book({ ...line, code } satisfies BrokerEntry);\n", to: "" },
    test: egress,
  },
  {
    takesOut: "a request has no more words than it has",
    ...{ file: fetch, from: "z.strictObject({\n  url", to: "z.object({\n  url" },
    test: egress,
  },
  {
    takesOut: "addresses of both families are judged",
    file: "sandbox/broker/http/resolver.ts",
    ...{
      from: "[resolver.resolve4(host), resolver.resolve6(host)]",
      to: "[resolver.resolve4(host)]",
    },
    test: names,
  },
  {
    takesOut: "the system's own names are not looked up",
    file: "sandbox/broker/http/resolver.ts",
    from: "if (addresses.length > 0) return addresses;",
    to: 'if (addresses.length > 0 || host === "localhost") return ["127.0.0.1"];',
    test: names,
  },
  {
    takesOut: "no request begins after the end of its call",
    ...{
      file: broker,
      from: 'if (this.#context.signal.aborted) throw new Refusal("CANCELLED");',
      to: "",
    },
    test: limits,
  },
  {
    takesOut: "a door counts its requests",
    ...{
      file: broker,
      from: 'if (this.#requests > limits.hostCallsPerCall) throw new Refusal("HOSTCALL_LIMIT");',
      to: "",
    },
    test: limits,
  },
  {
    takesOut: "a door that is closed is so without its caller",
    ...{ file: broker, from: "AbortSignal.any([signal, this.#closed.signal])", to: "signal" },
    test: limits,
  },
  {
    takesOut: "a door knows what it serves",
    ...{
      file: broker,
      from: 'throw new Refusal("EGRESS_DENIED", "the broker knows no such request");',
      to: "return null;",
    },
    test: egress,
  },
  {
    takesOut: "labels of what is handed in are joined",
    ...{
      file: broker,
      from: "this.read = joinLabels(this.read, label);",
      to: "this.read = label;",
    },
    test: egress,
  },
  {
    takesOut: "few pass a gate at a time",
    ...{
      file: gate,
      from: "if (this.#free > 0) this.#free -= 1;\n    else await",
      to: "if (this.#free < 0) await",
    },
    test: "sandbox/broker/gate.test.ts",
  },
  {
    takesOut: "who fails leaves the gate open behind",
    ...{ file: gate, from: "if (next) next();", to: "if (!next) return undefined as never;" },
    test: "sandbox/broker/gate.test.ts",
  },
];
