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
  program
    .command("manifest")
    .description("Check what tools say they may do.")
    .addHelpText("after", examples)
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
  ringward manifest check manifests/text-count.yaml`;

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
