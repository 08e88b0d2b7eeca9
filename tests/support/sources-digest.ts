import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./source-files.ts";

/** Of all that files and folders of the project hold, tests left out. Sixteen hexadecimal digits. */
export function sourcesDigest(paths: readonly string[]): string {
  const digest = createHash("sha256");
  for (const path of paths.flatMap(filesAt).sort()) {
    digest.update(`${path}\n`).update(readFileSync(join(root, path)));
  }
  return digest.digest("hex").slice(0, 16);
}

function filesAt(path: string): readonly string[] {
  if (statSync(join(root, path)).isFile()) return [path];
  const names = readdirSync(join(root, path), { recursive: true, encoding: "utf8" });
  const paths = names.map((name) => join(path, name));
  return paths.filter((one) => !one.endsWith(".test.ts") && statSync(join(root, one)).isFile());
}
