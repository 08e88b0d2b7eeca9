import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { outputOf } from "./programs.ts";
import { type Node, readTree, type Tree } from "./tree.ts";

/**
 * Adds what Python keeps of the modules in a tree, so that a container that starts need not compile
 * them: that is three quarters of its start. Done by the tree's own Python, in a folder in `scratch`.
 */
export async function compilePython(tree: Tree, scratch: string): Promise<void> {
  const loader = find(tree, /\/ld-linux[^/]*$/);
  const python = find(tree, /^usr\/bin\/python3\.\d+$/);
  if (loader === undefined || python === undefined) return;
  const folder = await mkdtemp(join(scratch, ".compiled-"));
  try {
    await writeTree(tree, folder);
    const libraries = join(folder, dirname(loader));
    const words = [
      "--library-path",
      libraries,
      join(folder, python),
      "-sSB",
      "-c",
      program,
      folder,
    ];
    // Sets and hashes in an order of their own would make other bytes each time.
    const env = { PYTHONHOME: join(folder, "usr"), PYTHONHASHSEED: "0" };
    await outputOf(join(folder, loader), words, { env });
    for (const [path, node] of readTree(folder, isCompiled)) tree.set(path, node);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What it makes is believed without a look at the source: the two come in one image. */
const program = `
import os, sys, py_compile
root = sys.argv[1]
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
for here, folders, names in os.walk(root):
    folders.sort()
    for name in sorted(names):
        path = os.path.join(here, name)
        if name.endswith(".py") and not os.path.islink(path):
            py_compile.compile(path, dfile=path[len(root):], doraise=True, invalidation_mode=mode)
`;

function isCompiled(path: string): boolean {
  return path.endsWith(".pyc");
}

/** A file, not a link to one. */
function find(tree: Tree, pattern: RegExp): string | undefined {
  return [...tree].find(([path, node]) => node.kind === "file" && pattern.test(path))?.[0];
}

async function writeTree(tree: Tree, folder: string): Promise<void> {
  for (const [path, node] of tree) {
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    await writeNode(place, node);
  }
}

/** Links between folders would lead out of the tree. */
async function writeNode(place: string, node: Node): Promise<void> {
  if (node.kind === "file") await writeFile(place, node.bytes, { mode: node.mode });
  if (node.kind === "link" && !node.target.includes("/")) await symlink(node.target, place);
}
