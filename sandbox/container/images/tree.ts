import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** What stands in an image, by its path without a slash in front. Folders above it come along. */
export type Tree = Map<string, Node>;

export type Node =
  | { readonly kind: "file"; readonly mode: number; readonly bytes: Uint8Array }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "folder"; readonly mode: number };

/** One that everybody may read, and run where `isProgram`; nobody may write it. */
export function plainFile(bytes: Uint8Array | string, isProgram = false): Node {
  return { kind: "file", mode: isProgram ? 0o755 : 0o644, bytes: Buffer.from(bytes) };
}

/**
 * The files and links of a folder that `isWanted`. Owners, times, set-user-id bits and everything
 * else that is told of a file stay behind; devices, sockets and pipes are never taken.
 */
export function readTree(folder: string, isWanted: (path: string) => boolean): Tree {
  const tree: Tree = new Map();
  for (const path of pathsIn(folder)) {
    const wanted = mergedPath(path);
    if (!isWanted(wanted)) continue;
    const node = readNode(join(folder, path));
    if (node) tree.set(wanted, node);
  }
  return tree;
}

/** `/bin`, `/lib` and their like are links into `/usr`, as on every system by now. */
export const mergedFolders = ["bin", "lib", "lib64", "sbin"] as const;

export function mergedPath(path: string): string {
  const [first = ""] = path.split("/", 1);
  return mergedFolders.some((folder) => folder === first) ? `usr/${path}` : path;
}

function pathsIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" });
}

function readNode(place: string): Node | undefined {
  const stats = lstatSync(place);
  if (stats.isSymbolicLink()) return { kind: "link", target: readlinkSync(place) };
  return stats.isFile() ? plainFile(readFileSync(place), (stats.mode & 0o111) !== 0) : undefined;
}
