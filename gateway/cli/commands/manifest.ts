import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { SourceError } from "../../../manifests/source-error.ts";
import { codeFrame } from "../code-frame.ts";
import { escapeText } from "../escape.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import type { Terminal } from "../terminal.ts";

export function addManifest(program: Command, terminal: Terminal): void {
  const manifest = program
    .command("manifest")
    .description("Check what tools say they may do, and draft it.")
    .addHelpText("after", examples);
  manifest
    .command("import")
    .description("Draft manifests from a list of tools; each guess has its reason beside it.")
    .requiredOption("--tools <file>", "what MCP, OpenAI or a list by suite says of tools, as JSON")
    .requiredOption("--out <dir>", "where to write them; what is there stays")
    .addHelpText("after", examples)
    .action((options: ImportOptions) => importTools(options, terminal));
  manifest
    .command("check")
    .description("Check manifests and the code beside them; prints what is wrong in each file.")
    .argument("<path...>", "manifests, or folders of them")
    .option("--json", "print JSON")
    .addHelpText("after", examples)
    .action(async (paths: readonly string[], { json }: { readonly json?: true }) => {
      const files = await manifestsOf(paths.map((path) => resolve(terminal.cwd, path)));
      const checked = await Promise.all(files.map(checkManifest));
      if (json) terminal.printJson(checked.map(({ file, problem }) => ({ file, problem })));
      else terminal.print(...checked.flatMap((one) => show(one, terminal)));
      if (checked.some(({ problem }) => problem !== undefined)) terminal.leave(exitCodes.found);
    });
}

const examples = `
Examples:
  ringward manifest check manifests
  ringward manifest check manifests/text-count.yaml
  ringward manifest import --tools tools.json --out manifests`;

interface ImportOptions {
  readonly tools: string;
  readonly out: string;
}

async function importTools({ tools, out }: ImportOptions, terminal: Terminal): Promise<void> {
  const { importManifests } = await import("../../tools/import/import-manifests.ts");
  const places = { list: resolve(terminal.cwd, tools), folder: resolve(terminal.cwd, out) };
  const { written, kept } = await importManifests(places);
  for (const file of kept) terminal.note(`${file} is there already, and stays as it is`);
  terminal.print(...written.map((file) => terminal.mark("ok", escapeText(file))));
  terminal.print("Read each guess, write the code, then: ringward manifest check DIR");
}

interface Checked {
  readonly file: string;
  /** Name and version of a manifest without fault. */
  readonly name?: string;
  /** One line: file, line, column, what is wrong, how to mend it. */
  readonly problem?: string;
  readonly frame?: string;
}

async function manifestsOf(paths: readonly string[]): Promise<readonly string[]> {
  const { findManifests } = await import("../../tools/find-manifests.ts");
  const found = await Promise.all(
    paths.map(async (path) =>
      (await stat(path)).isDirectory() ? await findManifests(path) : [path],
    ),
  );
  const files = found.flat();
  if (files.length > 0) return files;
  throw new CommandError(
    exitCodes.configuration,
    "no manifest there (name a file, or a folder with *.yaml)",
  );
}

async function checkManifest(file: string): Promise<Checked> {
  const { createSchemaCompiler } = await import("../../tools/check-json.ts");
  const { readManifest, readTool } = await import("../../tools/read-tool.ts");
  try {
    const { manifest } = await readTool(await readManifest(file, createSchemaCompiler()));
    return { file, name: `${manifest.name} ${manifest.version}` };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { file, problem: error.message, ...(await codeFrame(error.message)) };
  }
}

function show({ file, name, problem, frame }: Checked, terminal: Terminal): readonly string[] {
  if (problem === undefined) return [terminal.mark("ok", `${escapeText(file)}  ${name}`)];
  const line = terminal.mark("fail", escapeText(problem));
  return frame === undefined ? [line] : [line, frame];
}
