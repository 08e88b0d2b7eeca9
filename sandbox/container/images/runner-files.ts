import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { Recipe } from "./recipes.ts";
import { plainFile, type Tree } from "./tree.ts";

/** The program of an image, in `/ringward`. */
export function runnerTree({ runner }: Recipe): Tree {
  return new Map(
    Object.entries(runner).map(([name, source]) => [
      `ringward/${name}`,
      plainFile(textOf(source), name === "run"),
    ]),
  );
}

const isChecked = import.meta.filename.endsWith(".ts");

/** Texts stand beside the sources, in the package too; what is written in TypeScript is bundled. */
function textOf(source: string): string {
  if (source.includes(".")) {
    const root = join(import.meta.dirname, isChecked ? "../../.." : "../../../..");
    return readFileSync(join(root, "sandbox/container/images/runner", source), "utf8");
  }
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, `runner/${source}.${isChecked ? "ts" : "js"}`)],
    // It stands in remarks, and would be another text in each folder that this is called in.
    absWorkingDir: import.meta.dirname,
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node24",
    legalComments: "none",
    tsconfigRaw: {},
  });
  return outputFiles[0]?.text ?? "";
}
