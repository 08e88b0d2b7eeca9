import { existsSync } from "node:fs";
import { join } from "node:path";

const folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/**
 * Programs of this system by their absolute paths: what the gateway's PATH says must not choose what
 * builds a jail. Undefined where one is missing.
 */
export function findTools<Name extends string>(
  ...names: readonly Name[]
): Readonly<Record<Name, string>> | undefined {
  const found = names.map((name) => [
    name,
    folders.map((folder) => join(folder, name)).find((path) => existsSync(path)),
  ]);
  if (found.some(([, path]) => path === undefined)) return undefined;
  return Object.fromEntries(found) as Record<Name, string>;
}
