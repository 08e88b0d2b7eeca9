import type { Mutation } from "./mutations.ts";

const calls = "tests/security/proxy-calls.test.ts";
const destinations = "tests/security/proxy-destinations.test.ts";
const requests = "tests/security/proxy-requests.test.ts";
const secrets = "tests/security/proxy-secrets.test.ts";

const socket = "sandbox/broker/proxy/proxy-socket.ts";
const server = "sandbox/broker/proxy/make-server.ts";
const serve = "sandbox/broker/proxy/serve.ts";
const opening = "sandbox/broker/proxy/create-egress-proxy.ts";
const door = "sandbox/broker/create-broker.ts";
const headers = "sandbox/broker/http/program-headers.ts";
const pass = "sandbox/broker/http/pass.ts";
const tunnel = "sandbox/broker/http/tunnel.ts";

/** Who is let in, and for how long. */
const letIn: readonly Mutation[] = [
  {
    takesOut: "a credential is the call's own",
    file: "sandbox/broker/proxy/credential.ts",
    from: "return said.length === this.#header.length && timingSafeEqual(said, this.#header);",
    to: "return said.length > 0 && timingSafeEqual(this.#header, this.#header);",
    test: calls,
  },
  {
    takesOut: "each request is let in by itself",
    file: socket,
    from: 'credential?.isSaidBy(headers["proxy-authorization"]) ? door : undefined',
    to: 'credential && headers["x-none"] === undefined ? door : undefined',
    test: calls,
  },
  {
    takesOut: "a connection from before the call carries nothing",
    ...{ file: socket, from: "    if (!this.#admitted) {\n", to: "    if (!this.folder) {\n" },
    test: calls,
  },
  {
    takesOut: "connections end with the call",
    file: socket,
    from: '    door.signal.addEventListener("abort", () => this.#dismiss(), { once: true });\n',
    to: "",
    test: calls,
  },
  {
    takesOut: "of a way out that could not be opened nothing is left",
    ...{ file: socket, from: "      await opened.close();\n", to: "" },
    test: calls,
  },
  {
    takesOut: "a call that is over is let in nowhere",
    ...{ file: socket, from: "    if (door.signal.aborted) this.#dismiss();\n", to: "" },
    test: calls,
  },
  {
    takesOut: "one call has a way out to itself",
    ...{ file: socket, from: "if (this.#admitted) throw", to: "if (!this.folder) throw" },
    test: calls,
  },
  {
    takesOut: "a slot is no path",
    ...{ file: opening, from: "if (!slots.test(slot)) throw", to: "if (slot === '') throw" },
    test: calls,
  },
  {
    takesOut: "what is left is removed by its name",
    ...{ file: opening, from: ".filter((name) => slots.test(name))", to: "" },
    test: calls,
  },
  {
    takesOut: "nobody else comes to the sockets",
    ...{ file: opening, from: "chmod(folder, 0o700)", to: "chmod(folder, 0o755)" },
    test: calls,
  },
  {
    takesOut: "the user of a container comes to its socket",
    ...{ file: socket, from: "chmod(path, 0o666)", to: "chmod(path, 0o600)" },
    test: calls,
  },
  {
    takesOut: "connections have a number",
    file: server,
    from: "  server.maxConnections = containerLimits.proxyConnections;\n",
    to: "",
    test: calls,
  },
  ...["passRequest(request, tell, context)", "openTunnel(request, accept, context)"].map(
    (doing) => ({
      takesOut: `${doing} counts as a request`,
      file: door,
      ...{ from: `this.#count();\n      return ${doing}`, to: `return ${doing}` },
      test: calls,
    }),
  ),
];

/** How a request is read. */
const reading: readonly Mutation[] = [
  {
    takesOut: "nothing is said behind a request without an answer",
    file: server,
    from: "    if (busy.has(socket)) {\n      socket.destroy();\n      return;\n    }\n    busy.add",
    to: "    busy.add",
    test: requests,
  },
  {
    takesOut: "no tunnel begins behind a request without an answer",
    file: server,
    from: "    if (busy.has(socket)) {\n      socket.destroy();\n      return;\n    }\n    // Stays",
    to: "    // Stays",
    test: requests,
  },
  {
    takesOut: "HTTP is HTTP/1.1",
    ...{ file: serve, from: 'request.httpVersion !== "1.1"', to: 'request.httpVersion === "9.9"' },
    test: requests,
  },
  {
    takesOut: "a header is there once",
    ...{
      file: headers,
      from: 'if (name in side) throw denied("a header is there twice");',
      to: "",
    },
    test: requests,
  },
  {
    takesOut: "Host names the host of the address",
    file: headers,
    from: '  if (said.host !== url.host) throw denied("the Host header names another host");\n',
    to: "",
    test: requests,
  },
  {
    takesOut: "Host names a host and no more",
    file: headers,
    from: '  if (!/^[\\w.:[\\]-]+$/.test(host)) throw denied("the Host header names no host");\n',
    to: "",
    test: requests,
  },
  {
    takesOut: "a connection takes no header away",
    ...{ file: headers, from: '  refuseOptions(toProxy["connection"]);\n', to: "" },
    test: requests,
  },
  {
    takesOut: "headers of a program are held to the rules",
    file: headers,
    from: "toServer: checkHeaders(toServer)",
    to: "toServer",
    test: requests,
  },
  {
    takesOut: "what a program says to its proxy goes no further",
    file: headers,
    from: '"proxy-connection", "proxy-authorization"',
    to: '"proxy-authorization"',
    test: requests,
  },
  {
    takesOut: "what a server says to its neighbour goes no further",
    file: pass,
    from: "return !ofHop.has(name) && !more.has(name);",
    to: "return !more.has(name);",
    test: requests,
  },
  {
    takesOut: "no fragment is sent",
    ...{ file: pass, from: 'if (target.includes("#")) throw', to: 'if (target === "#") throw' },
    test: requests,
  },
  {
    takesOut: "a packing is a word",
    ...{
      file: pass,
      from: "if (!/^[\\w ,;=.*-]{0,200}$/.test(packing)) throw",
      to: "if (packing === '') throw",
    },
    test: requests,
  },
  {
    takesOut: "a GET of a program has no body",
    ...{ file: pass, from: '  checkBody(method, "x");\n', to: "" },
    test: requests,
  },
];

/** What is sent and heard of secrets. */
const secretive: readonly Mutation[] = [
  {
    takesOut: "what a call with secrets sends and hears is held",
    ...{
      file: pass,
      from: "const isHeld = context.grant.secrets.length > 0;",
      to: "const isHeld = context.signal.aborted;",
    },
    test: secrets,
  },
  {
    takesOut: "what is held for a program is redacted",
    file: pass,
    from: 'withoutValues({ ...answer, body: answer.body.toString("latin1") }, secrets)',
    to: '{ ...answer, body: answer.body.toString("latin1") }',
    test: secrets,
  },
  {
    takesOut: "a call with secrets sends nothing packed",
    ...{
      file: pass,
      from: "if (!isUtf8(bytes)) throw",
      to: "if (!isUtf8(bytes) && bytes.length === 0) throw",
    },
    test: secrets,
  },
  {
    takesOut: "a handle in what is refused is a misuse",
    file: pass,
    from: '    secrets.refuseHandles([request.target, ...request.rawHeaders].join("\\n"));\n',
    to: "",
    test: secrets,
  },
  {
    takesOut: "what a program hears is a stranger's",
    ...{
      file: tunnel,
      from: '  context.handIn({ integrity: "untrusted", confidentiality: "public" });\n',
      to: "",
    },
    test: "tests/security/proxy-tunnels.test.ts",
  },
  {
    takesOut: "what a program is answered is a stranger's",
    ...{ file: pass, from: "      context.handIn(foreign);\n", to: "" },
    test: destinations,
  },
  {
    takesOut: "what is held for a program is a stranger's",
    ...{ file: pass, from: "  });\n  context.handIn(foreign);\n", to: "  });\n" },
    test: secrets,
  },
];

/** The second door of the broker: requests of programs. */
export const proxyMutations: readonly Mutation[] = [...letIn, ...reading, ...secretive];
