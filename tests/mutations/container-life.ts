import type { Mutation } from "./mutations.ts";

const room = "sandbox/container/launcher";

type Change = readonly [takesOut: string, from: string, to?: string];

/** One container, from its request to its removal. */
const living: readonly Change[] = [
  ["only a program has outputs", 'else throw new Error("only a program has outputs");'],
  ["a word has its time", "else throw new Error(`", "else new Error(`"],
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

export const containerLifeMutations: readonly Mutation[] = [
  ...rows("container-life", living),
  ...rows("relay", relaying),
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
