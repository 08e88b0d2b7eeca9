import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of the package: above `gateway/cli`, and above `dist/gateway/cli` once it is built. */
export function packageRoot(): string {
  let folder = dirname(dirname(import.meta.dirname));
  if (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
