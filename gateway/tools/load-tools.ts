import { limits } from "../../manifests/limits.ts";
import { SourceError, startOf } from "../../manifests/source-error.ts";
import { createSchemaCompiler } from "./check-json.ts";
import { findManifests, findShipped } from "./find-manifests.ts";
import type { Images } from "./read-images.ts";
import { type ReadManifest, readManifest, readTool } from "./read-tool.ts";
import type { Tool } from "./tool.ts";

export interface ToolSources {
  /** Names of shipped tools; all of them where this is left out. */
  readonly shipped?: readonly string[];
  /** Folders with manifests of the deployment. */
  readonly folders: readonly string[];
  /** The images that were built here; none where this is left out. */
  readonly images?: Images;
}

/**
 * Reads and checks all manifests, bundles their code, finds their images and pins all of it. By name.
 *
 * @throws {SourceError} for the first thing that is wrong, with file, line, column and the mend.
 */
export async function loadTools(sources: ToolSources): Promise<ReadonlyMap<string, Tool>> {
  const manifests = await readManifests(sources);
  refuseSameNames(manifests);
  const tools = await Promise.all(manifests.map((read) => readTool(read, sources.images)));
  return new Map(tools.map((tool) => [tool.manifest.name, tool]));
}

/** Every manifest of a deployment, without its code: `ringward manifest check` asks for no more. */
export async function readManifests(sources: ToolSources): Promise<readonly ReadManifest[]> {
  const files = [...(await findShipped(sources.shipped))];
  for (const folder of sources.folders) files.push(...(await findManifests(folder)));
  const excess = files[limits.toolsPerDeployment];
  if (excess !== undefined) {
    throw new SourceError(startOf(excess), {
      what: `the deployment has ${files.length} tools`,
      mend: `at most ${limits.toolsPerDeployment}`,
    });
  }
  const compile = createSchemaCompiler();
  return Promise.all(files.map((file) => readManifest(file, compile)));
}

function refuseSameNames(manifests: readonly ReadManifest[]): void {
  const files = new Map<string, string>();
  for (const { file, manifest } of manifests) {
    const name = manifest.name.toLowerCase();
    const other = files.get(name);
    if (other !== undefined) {
      const what = `the tool \`${manifest.name}\` stands in \`${other}\` too`;
      throw new SourceError(startOf(file), { what, mend: "give one of them another name" });
    }
    files.set(name, file);
  }
}
