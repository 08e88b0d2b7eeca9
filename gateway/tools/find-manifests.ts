import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { SourceError, startOf } from "../../manifests/source-error.ts";

/** The manifests of a folder: `*.yaml` in it, and `manifest.yaml` one level below; sorted. */
export async function findManifests(folder: string): Promise<readonly string[]> {
  const entries = await readFolder(folder);
  const files = entries
    .filter((entry) => entry.name.endsWith(".yaml") && !entry.isDirectory())
    .map((entry) => join(folder, entry.name));
  const folders = entries.filter((entry) => entry.isDirectory());
  const below = await Promise.all(folders.map(({ name }) => manifestIn(join(folder, name))));
  return [...files, ...below.flat()].sort();
}

/**
 * The manifests of the tools that come with Ringward, by folder name: `js-run` is `js.run`.
 *
 * @throws {SourceError} where there is no shipped tool of a name.
 */
export async function findShipped(
  names: readonly string[] | undefined,
): Promise<readonly string[]> {
  const all = await findManifests(shippedFolder);
  if (names === undefined) return all;
  return names.map((name) => {
    const file = join(shippedFolder, name.replaceAll(".", "-"), "manifest.yaml");
    if (all.includes(file)) return file;
    throw new SourceError(startOf(shippedFolder), {
      what: `there is no shipped tool \`${name}\``,
      mend: "mend `tools` in the deployment file",
    });
  });
}

/** From the sources and from the built package alike. */
const shippedFolder = join(
  import.meta.dirname,
  import.meta.filename.endsWith(".ts") ? "../.." : "../../..",
  "manifests/tools",
);

async function manifestIn(folder: string): Promise<readonly string[]> {
  const entries = await readFolder(folder);
  return entries.some(({ name }) => name === "manifest.yaml")
    ? [join(folder, "manifest.yaml")]
    : [];
}

async function readFolder(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new SourceError(startOf(folder), {
      what: "the folder cannot be read",
      mend: "mend `manifests` in the deployment file",
      cause,
    });
  }
}
