import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/** A program of the tests as one text, for a process that sees none of our files. */
export function bundleProgram(entry: URL): string {
  const { outputFiles } = buildSync({
    ...{ entryPoints: [fileURLToPath(entry)], bundle: true, write: false, format: "esm" },
    ...{ platform: "node", target: "node24" },
  });
  return outputFiles[0]?.text ?? "";
}
