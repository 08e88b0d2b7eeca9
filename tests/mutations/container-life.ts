import type { Mutation } from "./mutations.ts";

const room = "sandbox/container/launcher";

type Change = readonly [takesOut: string, from: string, to?: string];

/** One container, from its request to its removal. */
const living: readonly Change[] = [
  ["only a program has outputs", 'else throw new Breach("only a program has outputs");'],
  ["a word has its time", "else throw new Breach(`", "else new Breach(`"],
  ["input ends where there is one", 'word === "end-input" && this.#stream', 'word === "end-input"'],
  ["a start has a time", "within(containerLimits.containerStartMs, starting)", "starting"],
  [
    "what was called off is not made",
    "    signal.throwIfAborted();\n    const container",
    "    const container",
  ],
  [
    "what was called off is not attached to",
    "    signal.throwIfAborted();\n    const stream",
    "    const stream",
  ],
  [
    "what was called off is not started",
    "    signal.throwIfAborted();\n    await engine.start",
    "    await engine.start",
  ],
  ["what is not removed is lost", "(isGone ? this.#end : lost)", "this.#end"],
  [
    "gone is what the engine said is gone",
    "if (await removing) this.#conn",
    "await removing;\n    this.#conn",
  ],
  ["a place is given back with its container", "() => room.giveBack(slot)", "() => undefined"],
  ["nothing of a container is kept", "    this.#stream?.destroy();\n"],
  [
    "what a program said is told before its end",
    "      await within(containerLimits.containerEndMs, relaying);\n",
  ],
  [
    "outputs that never end have a time",
    "within(containerLimits.containerEndMs, relaying)",
    "relaying",
  ],
];

const relaying: readonly Change[] = [
  [
    "an engine says what programs say",
    '    if (kind !== "stdout" && kind !== "stderr") throw new Error("no output of a program");\n',
  ],
  ["nothing is told of what is ended", "    if (signal.aborted) return true;\n"],
  [
    "the gateway takes what is said at its own pace",
    "if (!connection.send(kind, bytes)) await connection.drained();",
    "connection.send(kind, bytes);",
  ],
  [
    "a frame of the engine's has a size",
    "new FrameDecoder(containerLimits.engineFrameBytes)",
    "new FrameDecoder(2 ** 32)",
  ],
];

const asking: readonly Change[] = [
  [
    "an engine's answer has a time",
    "within(containerLimits.engineAnswerMs, question())",
    "question()",
  ],
  [
    "what an engine says of an end has a length",
    'if (text.length > waitedBytes) throw new Error("the engine says too much");',
  ],
  [
    "an end has a number",
    'if (typeof code !== "number") throw new Error("the engine does not say how a container ended");',
  ],
  [
    "nothing of a container stands in an address",
    "{ _query: { name }, _body: options } as Docker",
    "{ name, ...options } as unknown as Docker",
  ],
  ["an image's volumes are known", "volumes: Object.keys(Volumes ?? {}),", "volumes: [],"],
  ["an image's environment is known", "env: Env ?? [],", "env: [],"],
  ["what is not there is gone", "if (error.statusCode !== 404) throw error;", "throw error;"],
  ["what fails is not gone", "if (error.statusCode !== 404) throw error;", "void error;"],
  ["volumes go with their container", "force: true, v: true", "force: true"],
  ["what runs is removed all the same", "force: true, v: true", "v: true"],
  ["what does not run is left over, too", "all: true, filters", "filters"],
  ["only an instance's own is left over", "all: true, filters", "all: true"],
];

const serving: readonly (readonly [file: string, ...Change])[] = [
  [
    "serve-link",
    "a question has a time",
    "setTimeout(() => connection.destroy(), containerLimits.containerStartMs)",
    "setTimeout(() => undefined, containerLimits.containerStartMs)",
  ],
  [
    "read-facts",
    "a tier is there with its runtime",
    "    if (!runtimes.includes(name)) return [];\n",
  ],
  ["read-facts", "a version is runc's", 'name === "runc" && runcVersion', "runcVersion"],
  [
    "read-facts",
    "an engine that fails has no facts",
    "  if (!(error instanceof Refusal)) throw error;\n",
    "  void error;\n",
  ],
];

const refusing: readonly Change[] = [
  [
    "only what a launch is refused for is passed on",
    "error instanceof Refusal && isLaunchRefusal(error.code)",
    "error instanceof Refusal",
  ],
  [
    "a bug of the launcher's is none of the engine's",
    "if (error instanceof EngineFault || error instanceof NoAnswer) {",
    "if (error instanceof Error) {",
  ],
  ["whoever runs a launcher is told of its bugs", "  note(`a bug", "  void (`a bug"],
  ["an engine that refuses is there", "if (status === undefined) {", "if (status !== 0) {"],
  ["whoever runs a launcher is told", "    note(error.message);\n"],
];

const listening: readonly Change[] = [
  ["a socket's folder is this user's", "uid !== process.getuid?.() || "],
  [
    "a socket's folder is made for this user",
    "{ recursive: true, mode: 0o700 }",
    "{ recursive: true }",
  ],
];

const looksLast = [
  "  await yard.reaper.catchUp();\n",
  "  const finding = pinnedImage(launchable.image, yard.engine);\n",
  "  const image = await within(containerLimits.containerStartMs, finding);\n",
  "  const places = await findPlaces(request, yard.ground);\n",
];

export const containerLifeMutations: readonly Mutation[] = [
  ...rows("container-life", living),
  ...rows("relay", relaying),
  ...rows("engine", asking),
  ...rows("processes", [["processes are their container's", " && path.includes(container)"]]),
  ...rows("refused-word", refusing),
  ...rows("private-socket", listening),
  ...serving.map(([file, takesOut, from, to = ""]) => ({
    ...{ takesOut, file: `${room}/${file}.ts`, from, to },
    test: `${room}/serve-link.test.ts`,
  })),
  {
    takesOut: "what is mounted is looked at when nothing is waited for any more",
    file: `${room}/prepare-launch.ts`,
    from: looksLast.join(""),
    to: [looksLast.at(-1), ...looksLast.slice(0, -1)].join(""),
    test: `${room}/prepare-launch.test.ts`,
  },
  {
    takesOut: "an image is looked for so long",
    file: `${room}/prepare-launch.ts`,
    from: "within(containerLimits.containerStartMs, finding)",
    to: "finding",
    test: `${room}/container-life.test.ts`,
  },
];

function rows(file: string, changes: readonly Change[]): readonly Mutation[] {
  return changes.map(([takesOut, from, to = ""]) => {
    return { takesOut, file: `${room}/${file}.ts`, from, to, test: `${room}/${file}.test.ts` };
  });
}
