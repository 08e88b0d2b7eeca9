import type { Mutation } from "./mutations.ts";

const strangers = "tests/security/proxy-strangers.test.ts";
const requests = "tests/security/proxy-requests.test.ts";

const floods = "tests/security/proxy-floods.test.ts";

const socket = "sandbox/broker/proxy/proxy-socket.ts";
const quiet = "sandbox/broker/proxy/quiet.ts";
const exchange = "sandbox/broker/http/exchange.ts";
const pass = "sandbox/broker/http/pass.ts";

const atServers: readonly Mutation[] = [
  {
    takesOut: "a connection that changes its protocol is closed",
    ...{ file: exchange, from: "      socket.destroy();\n", to: "" },
    test: strangers,
  },
  {
    takesOut: "what is over already is not dialled",
    file: exchange,
    from: '  if (signal.aborted) throw failed("the request took too long");\n',
    to: "",
    test: strangers,
  },
  {
    takesOut: "an interim answer is no answer",
    file: exchange,
    from: '  if (statusCode < 200) throw failed("the answer is no answer");\n',
    to: "",
    test: strangers,
  },
  {
    takesOut: "an answer's length is read in one way",
    file: exchange,
    from: "if (length !== undefined && !isLength(length))",
    to: "if (length === null)",
    test: strangers,
  },
  {
    takesOut: "an answer without a body promises none",
    ...{ file: pass, from: "status === 204 ? ofBody : none", to: "none" },
    test: strangers,
  },
  {
    takesOut: "crumbs of a stream cost what portions cost",
    file: "sandbox/broker/http/line.ts",
    from: "cost += Math.max(bytes, containerLimits.egressPortionBytes);",
    to: "cost += bytes;",
    test: strangers,
  },
  {
    takesOut: "crumbs of an answer cost what portions cost",
    file: "sandbox/broker/http/read-body.ts",
    from: "meter.cost += Math.max(bytes, limits.fetchPortionBytes);",
    to: "meter.cost += bytes;",
    test: strangers,
  },
  {
    takesOut: "a request's length is read in one way",
    file: pass,
    from: '  if (!isLength(length)) throw denied("a length is a number of bytes");\n',
    to: "",
    test: requests,
  },
  {
    takesOut: "a request is coded in chunks alone",
    file: pass,
    from: 'if (coding.toLowerCase() !== "chunked")',
    to: "if (coding === null)",
    test: requests,
  },
];

const atPrograms: readonly Mutation[] = [
  {
    takesOut: "connections that carry nothing have a number",
    file: socket,
    from: "  #connect(socket: Socket): void {\n    this.#knock();\n",
    to: "  #connect(socket: Socket): void {\n",
    test: floods,
  },
  {
    takesOut: "refused requests have a number",
    ...{ file: socket, from: "    if (!isServed) this.#knock();\n    else if", to: "    if" },
    test: floods,
  },
  {
    takesOut: "who knocks too often is heard by nobody",
    ...{ file: socket, from: "    this.#dismiss();\n    this.#server.close();\n", to: "" },
    test: floods,
  },
  {
    takesOut: "who is served has not knocked in vain",
    ...{ file: socket, from: "    else if (this.#knocks > 1) this.#knocks -= 1;\n", to: "" },
    test: floods,
  },
  {
    takesOut: "what is said before a request has a size",
    ...{
      file: socket,
      from: "    this.#quiet.enter(socket);\n    socket.once",
      to: "    socket.once",
    },
    test: floods,
  },
  {
    takesOut: "what is said behind a request has a size",
    file: quiet,
    from: "if (request.complete && !socket.destroyed) this.enter(socket);",
    to: "",
    test: floods,
  },
  {
    takesOut: "a request that nobody reads ends, too",
    ...{ file: quiet, from: "    setImmediate(enter);\n", to: "" },
    test: floods,
  },
  {
    takesOut: "who says nothing without end is heard by nobody",
    ...{ file: quiet, from: "this.#onNoise()", to: "return" },
    test: floods,
  },
  {
    takesOut: "an expectation is a request like others",
    file: "sandbox/broker/proxy/make-server.ts",
    from: '.on("checkExpectation", hear)',
    to: "",
    test: floods,
  },
  {
    takesOut: "crumbs of a program's cost what portions cost",
    file: "sandbox/broker/http/read-program-body.ts",
    from: "cost += Math.max(chunk.length, limits.fetchPortionBytes);",
    to: "cost += chunk.length;",
    test: floods,
  },
  {
    takesOut: "so many bodies are held at a time",
    file: "sandbox/broker/proxy/serve-host.ts",
    from: "await reading.pass(() => readProgramBody(request, limits.frameBytes))",
    to: "await readProgramBody(request, reading ? limits.frameBytes : 0)",
    test: floods,
  },
];

const bugs = "sandbox/broker/proxy/create-egress-proxy.test.ts";

const ofBugs: readonly Mutation[] = [
  {
    takesOut: "a bug is told to whoever runs the proxy",
    ...{
      file: socket,
      from: "(error: unknown) => this.#hooks.onBug(error)",
      to: "() => undefined",
    },
    test: bugs,
  },
  {
    takesOut: "of a bug a program learns nothing but that",
    file: "sandbox/broker/proxy/refusal-answer.ts",
    from: 'error instanceof Refusal ? error : new Refusal("INTERNAL")',
    to: 'error instanceof Refusal ? error : new Refusal("INTERNAL", String(error))',
    test: bugs,
  },
  {
    takesOut: "half an answer does not look whole",
    file: "sandbox/broker/proxy/serve.ts",
    from: "if (response.headersSent) response.destroy();",
    to: "if (response.headersSent) response.end();",
    test: bugs,
  },
  {
    takesOut: "a bug on the way out is recorded",
    file: "gateway/open-gateway.ts",
    from: '  await record.append({ kind: "bug", where: "container tiers", what }).catch(() => undefined);\n',
    to: "",
    test: "tests/container-gateway-egress.test.ts",
  },
];

/** What a stranger's server and a program do to whoever stands between them. */
export const strangersMutations: readonly Mutation[] = [...atServers, ...atPrograms, ...ofBugs];
