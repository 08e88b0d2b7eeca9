import { readdir, readFile, stat } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";

/** A text that somebody else wrote, with where it came from. */
export interface Document {
  /** A file name without its ending. */
  readonly name: string;
  /** Package, version and file: `zod 4.6.7 README.md`. */
  readonly origin: string;
  readonly text: string;
}

export interface Corpus {
  /** For the workspace. */
  readonly files: readonly Document[];
  /** For the document server. */
  readonly pages: readonly Document[];
  /** One line for each package that is installed beside our dependencies. */
  readonly packagesCsv: string;
}

const fileSources = [
  ["fastify", "README.md"],
  ["pino", "README.md"],
  ["zod", "README.md"],
  ["papaparse", "CHANGELOG.md"],
  ["yaml", "README.md"],
  ["ajv", "LICENSE"],
] as const;

const pageSources = [
  ["ajv", "README.md"],
  ["jose", "README.md"],
  ["commander", "Readme.md"],
  ["jsonata", "README.md"],
  ["papaparse", "README.md"],
  ["esbuild", "LICENSE.md"],
] as const;

/** Reads the documents of installed dependencies. The same installation gives the same corpus. */
export async function collectCorpus(): Promise<Corpus> {
  return {
    files: await Promise.all(fileSources.map(readDocument)),
    pages: await Promise.all(pageSources.map(readDocument)),
    packagesCsv: await describePackages(dirname(packageFolder("fastify"))),
  };
}

async function readDocument([name, file]: readonly [string, string]): Promise<Document> {
  const folder = packageFolder(name);
  const { version } = await readPackage(folder);
  const text = await readFile(join(folder, file), "utf8");
  const kind = file.split(".")[0]?.toLowerCase() ?? "";
  return { name: `${name}-${kind}`, origin: `${name} ${version} ${file}`, text };
}

function packageFolder(name: string): string {
  const file = findPackageJSON(name, import.meta.url);
  if (file === undefined) throw new Error(`the dependency ${name} is not installed`);
  return dirname(file);
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: number;
}

async function readPackage(folder: string): Promise<Package> {
  const text = await readFile(join(folder, "package.json"), "utf8");
  const { name, version, license, dependencies } = JSON.parse(text) as Record<string, unknown>;
  return {
    name: String(name),
    version: String(version),
    license: typeof license === "string" ? license : "not said",
    dependencies: Object.keys(dependencies ?? {}).length,
  };
}

async function describePackages(modules: string): Promise<string> {
  const rows = await Promise.all((await packageFolders(modules)).map(describePackage));
  return ["name,version,licence,dependencies,bytes", ...rows.sort()].join("\n");
}

async function packageFolders(modules: string): Promise<readonly string[]> {
  const names = await readdir(modules);
  const nested = names.map(async (name) =>
    name.startsWith("@")
      ? (await readdir(join(modules, name))).map((inner) => join(modules, name, inner))
      : [join(modules, name)],
  );
  const folders = (await Promise.all(nested)).flat();
  const isPackage = await Promise.all(folders.map(hasPackageFile));
  return folders.filter((_, index) => isPackage[index]);
}

async function hasPackageFile(folder: string): Promise<boolean> {
  const found = await stat(join(folder, "package.json")).catch(() => undefined);
  return found?.isFile() === true;
}

async function describePackage(folder: string): Promise<string> {
  const { name, version, license, dependencies } = await readPackage(folder);
  const cells = [name, version, license, dependencies, await bytesAtTop(folder)];
  return cells.map((cell) => quote(String(cell))).join(",");
}

/** Of the files right in the folder; walking all of `node_modules` would take too long. */
async function bytesAtTop(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ name }) => stat(join(folder, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

function quote(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
