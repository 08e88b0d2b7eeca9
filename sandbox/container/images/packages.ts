import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DebianPackage, namesIn } from "./debian-package.ts";
import { installedPackage } from "./installed-package.ts";
import { outputOf } from "./programs.ts";

export interface PackageChoice {
  /** With which packages the search begins. */
  readonly first: readonly string[];
  /** Whether a package is taken; what it depends on is looked at only then. */
  isWanted(name: string): boolean;
  /** What is in the cache is taken from there; without it, whatever is current is fetched anew. */
  readonly cache: string;
  readonly isRefreshed: boolean;
}

/**
 * Packages and what they depend on, sorted by name: out of the cache, else downloaded by apt, which
 * checks their signatures, else as they are installed here.
 *
 * @throws {ImageError} where one is to be had nowhere.
 */
export async function collectPackages(choice: PackageChoice): Promise<readonly DebianPackage[]> {
  await mkdir(choice.cache, { recursive: true, mode: 0o700 });
  const found = new Map<string, DebianPackage>();
  let names = choice.first.filter(choice.isWanted);
  while (names.length > 0) {
    for (const one of await obtain(names, choice)) found.set(one.name, one);
    names = [...found.values()]
      .flatMap(({ depends }) => depends)
      .filter((name, at, all) => all.indexOf(name) === at && !found.has(name))
      .filter(choice.isWanted);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function obtain(
  names: readonly string[],
  { cache, isRefreshed }: PackageChoice,
): Promise<readonly DebianPackage[]> {
  const cached = isRefreshed
    ? names.map(() => undefined)
    : await Promise.all(names.map((name) => cachedPackage(cache, name)));
  const missing = names.filter((_, at) => cached[at] === undefined);
  const fetched = missing.length === 0 ? [] : await fetchPackages(missing, cache);
  return [...cached.filter((one) => one !== undefined), ...fetched];
}

async function fetchPackages(
  names: readonly string[],
  cache: string,
): Promise<readonly DebianPackage[]> {
  try {
    await download(names, cache);
  } catch (cause) {
    return await Promise.all(names.map((name) => installedPackage(name, cause)));
  }
  return await Promise.all(
    names.map(async (name) => {
      const fetched = await cachedPackage(cache, name);
      return fetched ?? (await installedPackage(name, notBrought));
    }),
  );
}

const notBrought = "apt brought none of that name (install it, then build again)";

/** Into a folder of its own first: what is in the cache is whole. */
async function download(names: readonly string[], cache: string): Promise<void> {
  const folder = await mkdtemp(join(cache, ".download-"));
  try {
    const patience = ["-o", "Acquire::http::Timeout=10", "-o", "Acquire::Retries=1"];
    await outputOf("apt-get", [...patience, "download", ...names], { cwd: folder });
    for (const file of await readdir(folder)) {
      const [name = ""] = file.split("_", 1);
      const bytes = await readFile(join(folder, file));
      await rename(join(folder, file), join(cache, `${name}.deb`));
      await writeFile(join(cache, `${name}.sha256`), digestOf(bytes));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function cachedPackage(cache: string, name: string): Promise<DebianPackage | undefined> {
  const file = join(cache, `${name}.deb`);
  const [bytes, digest] = await Promise.all([
    readOrNothing(file),
    readOrNothing(join(cache, `${name}.sha256`)),
  ]);
  if (!bytes || digestOf(bytes) !== digest?.toString()) return undefined;
  const fields = ["Version", "Depends", "Pre-Depends"] as const;
  const [version = "", ...depends] = await Promise.all(
    fields.map((field) => outputOf("dpkg-deb", ["--field", file, field])),
  );
  return {
    name,
    version: version.trim(),
    depends: depends.flatMap(namesIn),
    unpack: async (folder) => void (await outputOf("dpkg-deb", ["--extract", file, folder])),
  };
}

async function readOrNothing(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
