import type { Mutation } from "./mutations.ts";

const link = "sandbox/container/link";
const frames = `${link}/frame.test.ts`;
const words = `${link}/words.test.ts`;
const client = `${link}/connect-launcher.test.ts`;

/** Each part of a word, as it has to be. */
const forms: readonly (readonly [takesOut: string, from: string, to?: string])[] = [
  ["a pin", "    pin: digest,", "    pin: z.string(),"],
  ["a slot", "slot: z.string().regex(/^[0-9a-f]{32}$/)", "slot: z.string()"],
  ["a tier", "    tier: z.enum(containerTiers),\n    limits", "    tier: z.any(),\n    limits"],
  ["an amount is positive", "z.int().min(1)", "z.int()"],
  ["an amount is whole", "z.int().min(1)", "z.number().min(1)"],
  ["so many mounts", ".max(containerLimits.mountsPerCall)"],
  ["a path so long", ".max(limits.pathChars)"],
  ["a path that is one", "z.string().min(1).max", "z.string().max"],
  ["a way out or none", "network: z.boolean()", "network: z.any()"],
  ["a container's id", "container: digest, image }", "container: z.string(), image }"],
  ["an image's id", "container: digest, image }", "container: digest, image: z.string() }"],
  ["an image's id and no more", "/^sha256:[0-9a-f]{64}$/", "/^sha256:[0-9a-f]{64}/"],
  ["a code of a launch", "code: z.enum(launchRefusals)", "code: z.any()"],
  ["a reason so long", ".max(detailChars)"],
  ["a name so long", "z.string().max(200)", "z.string()"],
  ["so many runtimes", "      .max(containerTiers.length)", "      .max(999)"],
  ["so many images", ".max(limits.toolsPerDeployment)"],
  ["an exit code", "z.int().min(0).max(255)", "z.int()"],
  ["whether memory ran out", "isOutOfMemory: z.boolean()", "isOutOfMemory: z.any()"],
  ["who was lost", 'z.enum(["engine", "launcher"])', "z.string()"],
  [
    "strict JSON of the launcher's",
    "launcherWord.parse(parseStrictJson(bytes))",
    "launcherWord.parse(JSON.parse(String(bytes)))",
  ],
];

const loose = [
  ...['{ word: z.literal("facts") }', '{ word: z.literal("kill") }'],
  ...['{ word: z.literal("end-input") }', '{ word: z.literal("gone") }'],
  ...["launched", "refused", "facts", "ended"].map((word) => startOf(word)),
];

function startOf(word: string): string {
  return word === "launched"
    ? `{ word: z.literal("${word}"), `
    : `{\n    word: z.literal("${word}"),`;
}

/** What the gateway holds a launcher to, and itself. */
const ofClient: readonly (readonly [file: string, takesOut: string, from: string, to: string])[] = [
  [
    "container-link",
    "only outputs come out of a container",
    ' || kind === "stdin" || kind === "word"',
    "",
  ],
  [
    "container-link",
    "what came before anybody listened is heard",
    "for (const output of held) listener(...output);",
    "",
  ],
  ["container-link", "who listens is told the rest", "    this.#connection.hold(false);\n", ""],
  [
    "container-link",
    "what floods can be killed",
    "    this.#listen(this.#listener ?? (() => undefined));\n",
    "",
  ],
  ["container-link", "to kill is to ask", '    this.say({ word: "kill" });\n', ""],
  ["container-link", "to kill is to wait", "await Promise.race([this.#gone.promise, late]);", ""],
  [
    "container-link",
    "to kill has a time",
    "Promise.race([this.#gone.promise, late])",
    "this.#gone.promise",
  ],
  [
    "container-link",
    "what is gone has no connection",
    "    over.abort();\n    this.destroy();",
    "    over.abort();",
  ],
  [
    "container-link",
    "a launcher that is lost answers nothing",
    '    this.#answer.reject(new Refusal("ENGINE_UNAVAILABLE", "the launcher cannot be reached"));\n',
    "",
  ],
  [
    "container-link",
    "a launcher that is lost has lost its containers",
    '    this.#ended.resolve({ isOutOfMemory: false, lost: "launcher" });\n',
    "",
  ],
  [
    "container-link",
    "who is killed by nobody is waited for by nobody",
    "    this.#gone.resolve();\n  }\n}",
    "  }\n}",
  ],
  [
    "connect-launcher",
    "what was not launched is no container",
    '    if (answer.word !== "launched") throw unexpected(link);\n',
    "",
  ],
  [
    "connect-launcher",
    "what are no facts are none",
    '    if (word !== "facts") throw unexpected(link);\n',
    "",
  ],
  [
    "connect-launcher",
    "a question is over with its answer",
    "    link.destroy();\n    if (word",
    "    if (word",
  ],
  [
    "connect-launcher",
    "who answers wrongly has no connection",
    "  link.destroy();\n  return new",
    "  return new",
  ],
  [
    "connect-launcher",
    "nothing starts after the end",
    '    if (this.#isClosed) throw new Refusal("ENGINE_UNAVAILABLE", "the gateway is stopping");\n',
    "",
  ],
  [
    "connect-launcher",
    "the end ends all containers",
    "await Promise.all([...this.#links].map((link) => link.kill()));",
    "",
  ],
  [
    "connect-launcher",
    "a launch can be cancelled",
    '  signal.addEventListener("abort", cancel, { once: true });\n',
    "",
  ],
  [
    "connect-launcher",
    "a launch that was cancelled before is none",
    "  if (signal.aborted) cancel();\n",
    "",
  ],
  [
    "connect-launcher",
    "an answer has a time",
    "Promise.race([link.answer, cancelled.promise, tooLate])",
    "Promise.race([link.answer, cancelled.promise])",
  ],
  [
    "connect-launcher",
    "a launcher's refusal is one",
    '    if (answer.word === "refused") throw new Refusal(answer.code, answer.detail);\n',
    "",
  ],
  [
    "container-link",
    "what was said before an end is heard behind it",
    "listener(...output);",
    "this.#hear({ kind: output[0], bytes: Buffer.from(output[1]) });",
  ],
  [
    "connection",
    "a bug of ours is told",
    "        if (!(error instanceof Breach)) onBug(error);\n",
    "",
  ],
  [
    "connection",
    "what the other end says wrongly is no bug",
    "!(error instanceof Breach)",
    "error",
  ],
  [
    "connection",
    "a connection that breaks breaks nothing else",
    '    socket.on("error", () => undefined);\n',
    "",
  ],
];

export const linkMutations: readonly Mutation[] = [
  {
    takesOut: "a frame of the link has a largest size",
    file: `${link}/frame.ts`,
    from: "length > this.#bytesCeiling",
    to: "length > 4_294_967_296",
    test: frames,
  },
  {
    takesOut: "a frame of the link is never empty",
    file: `${link}/frame.ts`,
    from: "length === 0 || ",
    to: "",
    test: frames,
  },
  {
    takesOut: "a frame of the link has a kind that there is",
    file: `${link}/frame.ts`,
    from: "kind === undefined || ",
    to: "",
    test: frames,
  },
  {
    takesOut: "a frame of the link has zeros behind its kind",
    file: `${link}/frame.ts`,
    from: " || head.readUIntBE(1, 3) !== 0",
    to: "",
    test: frames,
  },
  {
    takesOut: "a request has its keys and no others",
    file: `${link}/words.ts`,
    from: 'z.strictObject({\n    word: z.literal("launch")',
    to: 'z.looseObject({\n    word: z.literal("launch")',
    test: words,
  },
  {
    takesOut: "limits in a request have their keys and no others",
    file: `${link}/words.ts`,
    from: "limits: z.strictObject(",
    to: "limits: z.looseObject(",
    test: words,
  },
  {
    takesOut: "a word of the gateway's is strict JSON",
    file: `${link}/words.ts`,
    from: "gatewayWord.parse(parseStrictJson(bytes))",
    to: "gatewayWord.parse(JSON.parse(String(bytes)))",
    test: words,
  },
  {
    takesOut: "a word of the launcher's has its time",
    file: `${link}/container-link.ts`,
    from: "    if (this.#phase !== phases[said.word]) throw unasked(said.word);\n",
    to: "",
    test: client,
  },
  {
    takesOut: "outputs belong to a container that runs",
    file: `${link}/container-link.ts`,
    from: 'this.#phase !== "runs" || ',
    to: "",
    test: client,
  },
  {
    takesOut: "what nobody listens to yet is not held without bound",
    file: `${link}/container-link.ts`,
    from: "    if (this.#heldBytes > containerLimits.linkHeldBytes) this.#connection.hold(true);\n",
    to: "",
    test: client,
  },
  {
    takesOut: "a launch that is cancelled closes its connection",
    file: `${link}/connect-launcher.ts`,
    from: "    link.destroy();\n    throw error;",
    to: "    throw error;",
    test: client,
  },
  {
    takesOut: "what is said wrongly ends the connection",
    file: `${link}/connection.ts`,
    from: "      } catch (error) {\n        socket.destroy();",
    to: "      } catch (error) {\n        socket.resume();",
    test: client,
  },
  ...forms.map(([takesOut, from, to = ""]) => ({
    ...{ takesOut: `in a word: ${takesOut}`, file: `${link}/words.ts`, from, to },
    test: words,
  })),
  ...loose.map((word) => ({
    takesOut: `${word.endsWith("}") ? "bare" : "full"} \`${word.replace(/\W+/g, " ").trim()}\` has its keys and no others`,
    file: `${link}/words.ts`,
    from: `z.strictObject(${word}`,
    to: `z.looseObject(${word}`,
    test: words,
  })),
  ...ofClient.map(([file, takesOut, from, to]) => ({
    ...{ takesOut, file: `${link}/${file}.ts`, from, to },
    test: client,
  })),
  {
    takesOut: "what is longer than a frame goes in several",
    file: `${link}/frame.ts`,
    from: "bytes.subarray(at, at + linkFrameBytes)",
    to: "bytes.subarray(at)",
    test: frames,
  },
];
