import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../source-files.ts";

/** One line of the Dockerfile: `COPY`, and what stands behind it. */
export interface Instruction {
  readonly name: string;
  readonly words: string;
}

/** The Dockerfile's stages, each beginning with its `FROM`; what stands before them is left out. */
export function readStages(): readonly (readonly Instruction[])[] {
  const text = readFileSync(join(root, "Dockerfile"), "utf8").replace(/^#.*\n/gm, "");
  const lines = text
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const [, name = "", words = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === "FROM") stages.push([]);
    stages.at(-1)?.push({ name, words });
  }
  return stages;
}

/** What an image of the stage tells an engine, as the engine's own configuration has it. */
export function imageConfig(stage: readonly Instruction[]): Readonly<Record<string, unknown>> {
  const last = (name: string): string => stage.findLast((one) => one.name === name)?.words ?? "";
  const health = /^(.*?)CMD (.*)$/s.exec(last("HEALTHCHECK"));
  return {
    User: last("USER"),
    WorkingDir: last("WORKDIR"),
    Entrypoint: JSON.parse(last("ENTRYPOINT")),
    Cmd: JSON.parse(last("CMD")),
    Env: ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", last("ENV")],
    Healthcheck: {
      Test: ["CMD", ...JSON.parse(health?.[2] ?? "[]")],
      // Nobody should wait fifteen seconds for the first.
      Interval: 1e9,
      Timeout: 5e9,
      StartPeriod: 60e9,
      Retries: 3,
    },
  };
}

/** What is taken over from the first stage, by its path in the project. */
export function copiedPaths(stage: readonly Instruction[]): readonly string[] {
  return stage
    .filter(({ name }) => name === "COPY")
    .flatMap(({ words }) => words.split(/\s+/).slice(1, -1))
    .map((path) => path.replace(/^\/ringward\//, ""));
}

export interface OwnedFolder {
  readonly mode: string;
  readonly owner: string;
  readonly path: string;
}

/** The folders that a stage makes for a user of their own. */
export function ownedFolders(stage: readonly Instruction[]): readonly OwnedFolder[] {
  return stage.flatMap(({ name, words }) => {
    const made = /^install -d -m (\d+) -o (\d+) -g \d+ (.*)$/.exec(words);
    if (name !== "RUN" || !made) return [];
    const [, mode = "", owner = "", paths = ""] = made;
    return paths.split(" ").map((path) => ({ mode, owner, path }));
  });
}
