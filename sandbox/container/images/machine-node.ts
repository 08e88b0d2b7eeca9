import { readFileSync, realpathSync } from "node:fs";
import { outputOf } from "./programs.ts";
import { mergedPath, plainFile, type Tree } from "./tree.ts";

/**
 * The Node at `program` as `/usr/bin/node`, and the libraries that it needs where it looks for them.
 *
 * @throws {ImageError} where `ldd` cannot tell.
 */
export async function nodeTree(program: string): Promise<Tree> {
  const tree: Tree = new Map([["usr/bin/node", plainFile(readFileSync(program), true)]]);
  const listed = await outputOf("ldd", [program]);
  for (const [, library] of listed.matchAll(/^\t(?:\S+ => )?(\/\S+) \(0x/gm)) {
    const path = library as string;
    tree.set(mergedPath(path.slice(1)), plainFile(readFileSync(realpathSync(path)), true));
  }
  return tree;
}
