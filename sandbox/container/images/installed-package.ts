import { copyFile, lstat, mkdir, readlink, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type DebianPackage, namesIn } from "./debian-package.ts";
import { ImageError } from "./image-error.ts";
import { outputOf } from "./programs.ts";

/**
 * A package as it is installed on this machine.
 *
 * @throws {ImageError} where it is not, with `cause` as the reason why it was asked for.
 */
export async function installedPackage(name: string, cause: unknown): Promise<DebianPackage> {
  const fields = ["Status", "Version", "Depends", "Pre-Depends"]
    .map((field) => `\${${field}}\\n`)
    .join("");
  const told = await outputOf("dpkg-query", ["--show", `--showformat=${fields}`, name]).catch(
    () => "",
  );
  const [status = "", version = "", ...depends] = told.split("\n");
  if (!status.endsWith(" installed")) throw notThere(name, cause);
  return {
    name,
    version: `${version} (as installed)`,
    depends: depends.flatMap(namesIn),
    unpack: (folder) => copyInstalled(name, folder),
  };
}

function notThere(name: string, cause: unknown): ImageError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ImageError(`the package \`${name}\` is not installed, and cannot be had: ${why}`, {
    cause,
  });
}

async function copyInstalled(name: string, folder: string): Promise<void> {
  const listed = await outputOf("dpkg-query", ["--listfiles", name]);
  for (const path of listed.split("\n").filter((line) => line.startsWith("/"))) {
    await copyOne(path, join(folder, path));
  }
}

/**
 * What a package lists and the machine lacks, its pages of help, was left out here too. A folder may be
 * a link here: `/bin` leads into `/usr`.
 */
async function copyOne(path: string, place: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats || stats.isDirectory()) return;
  await mkdir(dirname(place), { recursive: true });
  if ((await lstat(path)).isSymbolicLink()) await symlink(await readlink(path), place);
  else await copyFile(path, place);
}
