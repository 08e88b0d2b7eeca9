import type { Mutation } from "./mutations.ts";

const room = "sandbox/container/launcher";

type Change = readonly [takesOut: string, from: string, to: string];

/** What becomes of containers that the engine does not remove at once. */
const reaping: readonly Change[] = [
  [
    "what was left is removed at the first start",
    "#isBehind = true;\n  /**",
    "#isBehind = false;\n  /**",
  ],
  [
    "what was left is removed",
    "[...this.#doomed.keys(), ...(await this.#listLeft())]",
    "this.#doomed.keys()",
  ],
  [
    "what could not be removed is removed when the engine is back",
    "[...this.#doomed.keys(), ...(await this.#listLeft())]",
    "await this.#listLeft()",
  ],
  [
    "nothing starts where nobody knows what was left",
    '    if (this.#isBehind) throw new EngineFault(new Error("the engine is away"));\n',
    "",
  ],
  [
    "who starts meanwhile waits for what was left",
    "if (!this.#isBehind && !this.#isCatchingUp) return;",
    "if (!this.#isBehind) return;",
  ],
  [
    "what was still being made is looked for a second time",
    "    if (this.#isCatchingUp) this.#lookAgain();\n",
    "",
  ],
  [
    "a launcher that ends looks for nothing any more",
    "    clearTimeout(this.#secondLook);\n  }\n",
    "  }\n",
  ],
  [
    "a launcher that has ended looks no second time",
    "    if (this.#isClosed) return;\n    clearTimeout",
    "    clearTimeout",
  ],
  [
    "what was left is listed once",
    "this.#sweeping ??= this.#sweepOnce()",
    "this.#sweeping = this.#sweepOnce()",
  ],
  [
    "a list that fails is asked for again",
    "      this.#isBehind = true;\n      return [];",
    "      return [];",
  ],
  [
    "a list has a time",
    "within(containerLimits.containerEndMs, this.#findLeft())",
    "this.#findLeft()",
  ],
  [
    "a removal has a time",
    "within(containerLimits.containerEndMs, this.#engine.remove(container))",
    "this.#engine.remove(container)",
  ],
  [
    "an engine that was lost has to be caught up with",
    "error.status === undefined) this.#isBehind = true;",
    "error.status === undefined) this.#isBehind = false;",
  ],
  ["an engine that answers is there", " && error.status === undefined", ""],
  [
    "an engine that takes long is there",
    "error instanceof EngineFault && error.status === undefined",
    "error instanceof Error",
  ],
  [
    "what could not be removed is tried again",
    "    this.#doomed.set(container, gone);\n    this.#later();\n",
    "    this.#doomed.set(container, gone);\n",
  ],
  ["what is gone is not tried again", "      this.#doomed.delete(container);\n", ""],
  [
    "whoever waits for a removal hears of it",
    "this.#doomed.get(one) ?? (() => undefined)",
    "() => undefined",
  ],
  [
    "so many are removed at a time",
    "Array.from({ length: containerLimits.reapedAtOnce }, removeNext)",
    "[...left].map(removeNext)",
  ],
  ["pauses between removals grow", "containerPauseMs * 2 ** this.#failures", "containerPauseMs"],
  [
    "pauses between removals have a ceiling",
    "Math.min(containerPauseMs * 2 ** this.#failures, containerPauseMsCeiling)",
    "containerPauseMs * 2 ** this.#failures",
  ],
  [
    "pauses do not begin anew while something is left",
    "this.#isBehind || this.#doomed.size > 0",
    "this.#isBehind",
  ],
  ["pauses begin anew when all is done", "      else this.#failures = 0;\n", ""],
  ["a launcher that ends tries nothing any more", "this.#isClosed || this.#timer", "this.#timer"],
  ["a launcher that ends lets go of what it would try", "    clearTimeout(this.#timer);\n", ""],
];

/** What a launcher checks by itself, where no engine is needed to see it. */
const checked: readonly (readonly [file: string, ...Change])[] = [
  [
    "check-launch",
    "each mount is granted",
    "if (!mounts.every(isGranted))",
    "if (mounts.length > 0 && !mounts.some(isGranted))",
  ],
  [
    "check-launch",
    "a way out is there where it was asked for",
    "  if (!request.network) return { mounts };\n",
    "",
  ],
  [
    "resolve-mounts",
    "what is the gateway's by its name is not mounted",
    "    await refuseProtectedPath(segments, ground);\n",
    "",
  ],
  [
    "resolve-mounts",
    "nor what lies around it, in any spelling",
    "pathWithin(foldedPath(one), foldedPath(source))",
    "pathWithin(one, source)",
  ],
  [
    "resolve-mounts",
    "nor what lies around the place that its name leads to",
    "...ground.protectedPaths, ...kept]",
    "...ground.protectedPaths]",
  ],
  [
    "resolve-mounts",
    "nor what lies around its name",
    "...ground.protectedPaths, ...kept]",
    "...kept]",
  ],
  ["resolve-mounts", "nor what lies around drafts", "[drafts, ...", "[..."],
];

const refused: readonly (readonly [file: string, ...Change])[] = [
  [
    "check-launch",
    "a launcher knows its tools",
    "ground.launchables.get(request.pin);",
    "ground.launchables.get(request.pin) ?? [...ground.launchables.values()][0];",
  ],
  [
    "check-launch",
    "to list is not to read",
    'access === "read" && pathWithin(mount, path)',
    "access.length > 0 && pathWithin(mount, path)",
  ],
  ["check-launch", "a way out is a folder", "!found?.isDirectory()", "found === undefined"],
  [
    "check-launch",
    "a way out is there",
    "if (!found?.isDirectory())",
    "if (found && !found.isDirectory())",
  ],
  [
    "resolve-mounts",
    "what is mounted is there",
    'if (found === undefined) throw new Refusal("FILES_FAILED", "there is nothing of that name");',
    "if (found === undefined) return false;",
  ],
  [
    "room",
    "memory that is given back is free again",
    "    this.#bytes -= this.#taken.get(slot) ?? 0;\n",
    "",
  ],
  ["room", "a place that is given back is free again", "    this.#taken.delete(slot);\n", ""],
  ["room", "memory that is taken counts", "    this.#bytes += bytes;\n", ""],
  ["room", "a place that is taken counts", "    this.#taken.set(slot, bytes);\n", ""],
  ["prepare-launch", "a container takes its place", "yard.room.take(slot, ", "void (slot, "],
  ["prepare-launch", "what a container is given counts", "take(slot, ", "take(slot, 1 || "],
];

export const reaperMutations: readonly Mutation[] = [
  ...reaping.map((change) => row("reaper", change, `${room}/reaper.test.ts`)),
  ...checked.map(([file, ...change]) => row(file, change, `${room}/check-launch.test.ts`)),
  ...refused.map(([file, ...change]) =>
    row(file, change, "tests/container-launcher-refusals.test.ts"),
  ),
  ...(
    [
      [
        "an image that is not there is not another one",
        'if (image === undefined) throw new Refusal("IMAGE_UNAVAILABLE");',
        "",
      ],
      ["an image is known by a registry's digest", " && !image.digests.includes(pin)", ""],
    ] as const
  ).map((change) => row("pinned-image", change, `${room}/pinned-image.test.ts`)),
];

function row(file: string, [takesOut, from, to]: Change, test: string): Mutation {
  return { takesOut, file: `${room}/${file}.ts`, from, to, test };
}
