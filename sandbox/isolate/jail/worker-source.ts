import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/**
 * A program for the jail as one text. It is TypeScript in a checkout and JavaScript in a package, and
 * the jail shows the worker no file of ours.
 */
export function workerSource(program: "main" | "probe"): string {
  const known = sources.get(program) ?? bundle(program);
  sources.set(program, known);
  return known;
}

const sources: Map<string, string> = new Map();

function bundle(program: string): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const entry = fileURLToPath(new URL(`../worker/${program}.${extension}`, import.meta.url));
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node24",
    minify: true,
    legalComments: "none",
  });
  return outputFiles[0]?.text ?? "";
}
