import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { limits } from "../../../manifests/limits.ts";
import { SourceError, startOf } from "../../../manifests/source-error.ts";
import { draftManifest } from "./draft-manifest.ts";
import { type ListedTool, readToolList } from "./listed-tool.ts";

export interface Imported {
  readonly written: readonly string[];
  /** What was there before. */
  readonly kept: readonly string[];
}

/**
 * Drafts a manifest for each tool of a list, in a folder of its suite where it names suites.
 *
 * @throws {SourceError} for a list that cannot be read.
 */
export async function importManifests(places: {
  readonly list: string;
  readonly folder: string;
}): Promise<Imported> {
  const written: string[] = [];
  const kept: string[] = [];
  for (const [suite, tools] of Object.entries(await readList(places.list))) {
    const folder = join(places.folder, suite);
    await mkdir(folder, { recursive: true });
    for (const tool of tools) {
      const { name, text } = draftManifest(tool);
      const file = join(folder, `${name}.yaml`);
      ((await isWritten(file, text)) ? written : kept).push(file);
    }
  }
  return { written, kept };
}

async function readList(file: string): Promise<Readonly<Record<string, readonly ListedTool[]>>> {
  const complain = (what: string, cause: unknown): SourceError =>
    new SourceError(startOf(file), { what, mend: "see docs/replay.md for what is read", cause });
  try {
    const list = readToolList(JSON.parse(await readFile(file, "utf8")));
    const count = Object.values(list).flat().length;
    if (count <= limits.toolsPerDeployment) return list;
    throw complain(
      `there are ${count} tools in it, ${limits.toolsPerDeployment} are read`,
      undefined,
    );
  } catch (error) {
    if (error instanceof z.ZodError) throw complain("it is no list of tools", error);
    if (error instanceof SyntaxError) throw complain("it is no JSON", error);
    if (error instanceof SourceError) throw error;
    throw complain(`it cannot be read: ${Object(error).code}`, error);
  }
}

/** False where there is a file of that name: somebody may have read it through. */
async function isWritten(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (Object(error).code === "EEXIST") return false;
    throw error;
  }
}
