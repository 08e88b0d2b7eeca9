import type { Mutation } from "./mutations.ts";

type Change = readonly [file: string, takesOut: string, from: string, to?: string];

const proxy = "sandbox/broker/proxy";
const http = "sandbox/broker/http";

/** Seen at a door of the test's own. */
const rules: readonly Change[] = [
  [
    `${proxy}/refusal-answer`,
    "of a bug a program is told nothing",
    'error instanceof Refusal ? error : new Refusal("INTERNAL")',
    'error instanceof Refusal ? error : { code: "INTERNAL" as const, message: String(error) }',
  ],
  [
    `${proxy}/refusal-answer`,
    "whoever is not let in is told how to be",
    "status: isUnknown ? 407 : refusalEntry(code).status",
    "status: refusalEntry(code).status",
  ],
  [
    `${proxy}/serve-host`,
    "what a tool asks has a length",
    "readProgramBody(request, limits.frameBytes)",
    "readProgramBody(request, 2 ** 40)",
  ],
  [
    `${proxy}/serve-host`,
    "what a tool asks is strict JSON",
    "parseStrictJson(said)",
    "JSON.parse(String(said))",
  ],
  [
    `${proxy}/serve`,
    "a tool asks by POST",
    'name !== undefined && request.method === "POST"',
    "name !== undefined",
  ],
  [
    `${proxy}/serve`,
    "nobody reads on behind what is refused",
    "    if (!request.complete) response.shouldKeepAlive = false;\n",
  ],
  [
    `${proxy}/make-server`,
    "no answer is said behind an answer",
    "const isFresh = socket.writable && (socket as Socket).bytesWritten === 0;",
    "const isFresh = socket.writable;",
  ],
  [
    `${proxy}/make-server`,
    "a connection that is silent is left",
    "keepAliveTimeout: containerLimits.egressIdleMs",
    "keepAliveTimeout: 0",
  ],
  [
    `${proxy}/make-server`,
    "what comes along with a CONNECT is the tunnel's",
    "    if (head.length > 0) socket.unshift(head);\n",
  ],
  [
    `${proxy}/proxy-socket`,
    "the user of a container comes to its folder",
    "chmod(this.folder, 0o755), ",
  ],
  [
    `${proxy}/proxy-socket`,
    "a way out that closes ends what goes through",
    "    this.#dismiss();\n    await new Promise",
    "    await new Promise",
  ],
  [
    `${proxy}/proxy-socket`,
    "a way out that closes waits for what goes through",
    "    await Promise.allSettled(this.#underWay);\n",
  ],
  [
    `${proxy}/create-egress-proxy`,
    "what is left is looked for once",
    "const prepare = once(() => makeEmpty(folder));",
    "const prepare = (): Promise<void> => (once, makeEmpty(folder));",
  ],
  [`${http}/tunnel`, "the hello counts", "  count(hello.length);\n"],
  [
    `${http}/tunnel`,
    "a host that does not answer is no bug",
    "connected.reject(networkRefusal(error))",
    "connected.reject(error)",
  ],
  [
    `${http}/pass`,
    "a request with secrets has a time",
    "isHeld ? limits.fetchMs : containerLimits.egressMs",
    "containerLimits.egressMs",
  ],
  [
    `${http}/pass`,
    "what is sent with secrets has a length",
    "readProgramBody(body, limits.fetchRequestBytes)",
    "readProgramBody(body, 2 ** 40)",
  ],
  [
    `${http}/pass`,
    "who asks for no packing gets none",
    '"accept-encoding": packing = "identity"',
    '"accept-encoding": packing = "gzip"',
  ],
  [
    `${http}/pass`,
    "chunks go on as chunks",
    'return { "transfer-encoding": "chunked" };',
    'return { "content-length": length };',
  ],
  [
    `${http}/program-headers`,
    "what is said of one hop goes no further: a trailer",
    ', "trailer"]',
    "]",
  ],
  [
    `${http}/program-headers`,
    "what is said of one hop goes no further: how long it stays",
    '"connection", "keep-alive", ',
    '"connection", ',
  ],
];

const hellos: readonly Change[] = [
  ["", "a record holds something", "length === 0 || length > recordBytes", "length > recordBytes"],
  ["", "a record has a largest size", "length === 0 || length > recordBytes", "length === 0"],
  [
    "",
    "a hello has a largest size",
    'if (length > containerLimits.helloBytes) throw denied("are too long");',
  ],
  ["", "nothing stands behind the list of names", "  names.end();\n"],
  ["", "nothing stands behind the extensions", "  reader.end();\n"],
  ["", "nothing is read behind the end", 'if (part.length < count) throw denied("end too soon");'],
  ["", "an end is held to", 'if (!this.isAtEnd) throw denied("hold more than they say");'],
];

export const proxyRulesMutations: readonly Mutation[] = [
  ...rows(rules, "tests/security/proxy-rules.test.ts"),
  ...rows(
    hellos.map(([, ...rest]) => [`${http}/client-hello`, ...rest]),
    "tests/security/proxy-hellos.test.ts",
  ),
];

function rows(changes: readonly Change[], test: string): readonly Mutation[] {
  return changes.map(([file, takesOut, from, to = ""]) => {
    return { takesOut, file: `${file}.ts`, from, to, test };
  });
}
