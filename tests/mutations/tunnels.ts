import type { Mutation } from "./mutations.ts";

const bounds = "tests/security/proxy-limits.test.ts";
const secrets = "tests/security/proxy-secrets.test.ts";
const tunnels = "tests/security/proxy-tunnels.test.ts";

const server = "sandbox/broker/proxy/make-server.ts";
const serve = "sandbox/broker/proxy/serve.ts";
const destination = "sandbox/broker/http/destination.ts";
const exchange = "sandbox/broker/http/exchange.ts";
const hello = "sandbox/broker/http/client-hello.ts";
const pump = "sandbox/broker/http/pump.ts";
const tunnel = "sandbox/broker/http/tunnel.ts";

/** How long, and how much. */
const limited: readonly Mutation[] = [
  {
    takesOut: "headers of a program have a time",
    file: server,
    from: "    headersTimeout: containerLimits.helloMs,\n",
    to: "",
    test: bounds,
  },
  {
    takesOut: "a request has a time",
    file: server,
    from: "    requestTimeout: containerLimits.egressMs,\n",
    to: "",
    test: bounds,
  },
  {
    takesOut: "who takes nothing is left",
    ...{ file: server, from: "  server.timeout = containerLimits.egressMs;\n", to: "" },
    test: secrets,
  },
  {
    takesOut: "a server that is silent is left",
    file: exchange,
    from: '  request.once("timeout", end("nothing came or went for too long"));\n',
    to: "",
    test: bounds,
  },
  {
    takesOut: "half an answer does not look whole",
    ...{ file: exchange, from: "(response ?? request).destroy", to: "request.destroy" },
    test: bounds,
  },
  {
    takesOut: "a program that leaves is no bug",
    file: tunnel,
    from: "throw error instanceof Refusal ? error : networkRefusal(error);",
    to: "throw error;",
    test: tunnels,
  },
  {
    takesOut: "what goes through has a size",
    file: "sandbox/broker/http/line.ts",
    from: "if (cost > mostBytes) {",
    to: "if (mostBytes < 0) {",
    test: bounds,
  },
  {
    takesOut: "what is not taken is not read",
    ...{ file: pump, from: "if (!to.write(chunk)) from.pause();", to: "to.write(chunk);" },
    test: bounds,
  },
  {
    takesOut: "a request of a program has a time",
    file: "sandbox/broker/http/deadline.ts",
    from: "setTimeout(this.#abort, mostMs)",
    to: "setTimeout(this.#abort, mostMs + 1e6)",
    test: bounds,
  },
  {
    takesOut: "a program that has left is waited for by nobody",
    ...{ file: serve, from: "if (!response.writableFinished) left.abort();", to: "" },
    test: bounds,
  },
  {
    takesOut: "a hello has a time",
    file: tunnel,
    from: "const late = setTimeout(stop, containerLimits.helloMs);",
    to: "const late = setTimeout(stop, 1e6);",
    test: bounds,
  },
  {
    takesOut: "a tunnel has a time",
    file: tunnel,
    from: '    signal.addEventListener("abort", stop, { once: true });\n',
    to: "",
    test: bounds,
  },
  {
    takesOut: "a tunnel is not held by silence",
    ...{
      file: tunnel,
      from: "host.setTimeout(containerLimits.egressIdleMs,",
      to: "host.setTimeout(1e6,",
    },
    test: bounds,
  },
];

const drafts = ["0xfe_08", "0xfe_09", "0xfe_0a", "0xfe_0b", "0xfe_0c"];
const hidden = [...drafts, "0xfe_0d", "0xfd_00", "0xff_ce"];

/** Where a tunnel leads. */
const through: readonly Mutation[] = [
  {
    takesOut: "the hello names the host",
    file: tunnel,
    from: "if (name?.toLowerCase() === bareHost(url)) return hello.bytes;",
    to: "if (name !== undefined) return hello.bytes;",
    test: tunnels,
  },
  {
    takesOut: "a tunnel leads where the permission says so",
    ...{ file: destination, from: "permission.tunnel === true && ", to: "" },
    test: tunnels,
  },
  {
    takesOut: "no rule about paths or methods is passed by in a tunnel",
    ...{ file: destination, from: "isOpen(permission) && ", to: "" },
    test: tunnels,
  },
  {
    takesOut: "a call that has secrets opens no tunnel",
    file: tunnel,
    from: "if (grant.secrets.length > 0) throw",
    to: "if (grant.secrets.length > 99) throw",
    test: tunnels,
  },
  {
    takesOut: "no handle is put into a tunnel's name",
    file: tunnel,
    from: '  secrets.refuseHandles([target, ...rawHeaders].join("\\n"));\n',
    to: "",
    test: secrets,
  },
  {
    takesOut: "a tunnel leads to a host and a port",
    file: tunnel,
    from: "/^(?:[a-z0-9.-]+|\\[[0-9a-f:.]+\\]):[1-9][0-9]{0,4}$/i.test(authority)",
    to: 'authority !== ""',
    test: tunnels,
  },
  {
    takesOut: "Host names the host of the tunnel",
    file: tunnel,
    from: '  if (toProxy["host"] !== undefined) refuseOtherHost(url, toProxy);\n',
    to: "",
    test: tunnels,
  },
  {
    takesOut: "a tunnel leads to the address that was judged",
    file: tunnel,
    from: "if (isSame(host.remoteAddress, address)) return host;",
    to: "if (host) return host;",
    test: tunnels,
  },
  {
    takesOut: "the first bytes are a hello's record",
    ...{
      file: hello,
      from: 'if (rest.length > 0 && rest[0] !== handshake) throw denied("are no TLS");',
      to: "",
    },
    test: tunnels,
  },
  {
    takesOut: "the first bytes are of a known TLS",
    file: hello,
    from: 'if (rest.length > 1 && rest[1] !== 3) throw denied("are no TLS that is known");',
    to: "",
    test: tunnels,
  },
  {
    takesOut: "the first message is a hello",
    ...{
      file: hello,
      from: 'if (message[0] !== clientHello) throw denied("are no hello");',
      to: "",
    },
    test: tunnels,
  },
  {
    takesOut: "nothing stands behind a hello in its record",
    file: hello,
    from: 'if (message.length > length) throw denied("go on behind the hello");',
    to: "",
    test: tunnels,
  },
  ...hidden.map((kind) => ({
    takesOut: `no hello is hidden under ${kind}`,
    file: hello,
    ...{ from: kind, to: "0xfe_fe" },
    test: tunnels,
  })),
  {
    takesOut: "an extension is there once",
    ...{
      file: hello,
      from: 'if (extensions.has(kind)) throw denied("say something twice");',
      to: "",
    },
    test: tunnels,
  },
  {
    takesOut: "a name is a host's",
    ...{
      file: hello,
      from: 'if (list.number(1) !== 0) throw denied("name no host");',
      to: "list.number(1);",
    },
    test: tunnels,
  },
  {
    takesOut: "one host is named",
    ...{ file: hello, from: "  list.end();\n", to: "" },
    test: tunnels,
  },
  {
    takesOut: "a tunnel is said to be open in its permission",
    file: "manifests/permissions.ts",
    from: "one.tunnel !== true || isOpen(one)",
    to: "one.tunnel !== true || one.path !== ''",
    test: "manifests/permissions.test.ts",
  },
  {
    takesOut: "a tunnel lies within a tunnel",
    file: "manifests/permissions.ts",
    from: " &&\n    (permission.tunnel !== true || ceiling.tunnel === true)",
    to: "",
    test: "manifests/permissions.test.ts",
  },
];

/** Tunnels of programs, and the limits of all that goes through the proxy. */
export const tunnelsMutations: readonly Mutation[] = [...limited, ...through];
