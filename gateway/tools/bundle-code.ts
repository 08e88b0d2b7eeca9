import { realpath } from "node:fs/promises";
import { builtinModules, isBuiltin } from "node:module";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { type BuildFailure, build, type Message, type Plugin } from "esbuild";
import { SourceError, type SourcePlace, startOf } from "../../manifests/source-error.ts";

/**
 * Bundles a tool's code into one script that leaves the code's `run` on a global `tool`. The code
 * and what it imports lie in the manifest's own folder or come from installed packages.
 *
 * @throws {SourceError} for code that does not bundle, at the place of the first error.
 */
export async function bundleCode(js: string, manifest: SourcePlace): Promise<string> {
  const folder = await realpath(dirname(manifest.file));
  const file = await codeFile(join(folder, js), manifest);
  const { text, inputs } = await runBuild(file, folder);
  for (const input of inputs) {
    if (!isInside(input, folder) && !input.split(sep).includes("node_modules")) {
      throw outside(manifest, relative(folder, input));
    }
  }
  return text;
}

async function codeFile(file: string, manifest: SourcePlace): Promise<string> {
  try {
    return await realpath(file);
  } catch (cause) {
    const what = `\`run.js\`: there is no file \`${basename(file)}\` beside the manifest`;
    throw new SourceError(manifest, { what, mend: "write the code, or mend its name", cause });
  }
}

function isInside(file: string, folder: string): boolean {
  return file.startsWith(folder + sep);
}

function outside(place: SourcePlace, path: string): SourceError {
  return new SourceError(place, {
    what: `the code \`${path}\` lies outside the tool's folder`,
    mend: "keep a tool's code beside its manifest, or import a package",
  });
}

interface Built {
  readonly text: string;
  /** Every file that is in the bundle. */
  readonly inputs: readonly string[];
}

async function runBuild(file: string, folder: string): Promise<Built> {
  try {
    const result = await build({
      // Not the file itself: code without `run` does not bundle then.
      stdin: { contents: `export { run } from ${JSON.stringify(file)}`, resolveDir: folder },
      absWorkingDir: folder,
      bundle: true,
      write: false,
      metafile: true,
      format: "iife",
      globalName: "tool",
      platform: "neutral",
      mainFields: ["module", "main"],
      target: "es2023",
      minify: true,
      legalComments: "none",
      // A tsconfig above the folder must not change what runs.
      tsconfigRaw: {},
      plugins: [withoutNode],
      logLevel: "silent",
    });
    const inputs = Object.keys(result.metafile.inputs)
      .filter((path) => path !== entry && !path.startsWith("without-node:"))
      .map((path) => resolve(folder, path));
    return { text: result.outputFiles[0]?.text ?? "", inputs };
  } catch (cause) {
    throw explain(cause, file, folder);
  }
}

/** What esbuild calls the text that it is given. */
const entry = "<stdin>";

/**
 * A package may `require` a part of Node on a path that a tool never takes; taking it throws. An
 * `import`, and whatever the tool's own code asks for, is still refused.
 */
const withoutNode: Plugin = {
  name: "without-node",
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(?:node:.*|${builtinModules.join("|")})$`);
    onResolve({ filter }, ({ path, kind, importer }) =>
      kind === "require-call" && importer.split(sep).includes("node_modules")
        ? { path, namespace: "without-node" }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: "without-node" }, () => ({
      contents: `throw new Error("a tool has no Node");`,
    }));
  },
};

function explain(error: unknown, file: string, folder: string): unknown {
  const first = (error as Partial<BuildFailure>).errors?.[0];
  if (first === undefined) return error;
  if (first.location?.file === entry) {
    const what = "the code exports no `run`";
    return new SourceError(startOf(file), { what, mend: "export a function `run(args, host)`" });
  }
  const what = first.text.split("\n")[0] ?? "the code does not bundle";
  return new SourceError(placeOf(first, file, folder), { what, mend: mend(what), cause: error });
}

function placeOf({ location }: Message, file: string, folder: string): SourcePlace {
  if (location === null) return startOf(file);
  return { file: resolve(folder, location.file), line: location.line, column: location.column + 1 };
}

function mend(what: string): string {
  const wanted = /^Could not resolve "(.+)"$/.exec(what)?.[1];
  if (wanted === undefined) return "mend the code";
  return isBuiltin(wanted)
    ? "a tool has no Node: use what `host` offers"
    : "install the package, or mend the path";
}
