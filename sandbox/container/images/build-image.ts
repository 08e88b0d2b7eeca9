import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { compilePython } from "./compile-python.ts";
import type { DebianPackage } from "./debian-package.ts";
import { archiveOf, type ImageArchive } from "./docker-archive.ts";
import { nodeTree } from "./machine-node.ts";
import { collectPackages } from "./packages.ts";
import { applets, type Recipe } from "./recipes.ts";
import { runnerTree } from "./runner-files.ts";
import { mergedFolders, plainFile, readTree, type Tree } from "./tree.ts";

export interface BuildOptions {
  /** A folder for packages; with them in it nothing is fetched. */
  readonly cache: string;
  /** Fetch what is current, whatever the cache holds. */
  readonly isRefreshed?: boolean;
  /** The program that is Node. */
  readonly node: string;
  /** Its version, for the label. */
  readonly nodeVersion: string;
}

export interface BuiltImage extends ImageArchive {
  /** What it was built from: `NAME VERSION`. */
  readonly builtFrom: readonly string[];
}

/**
 * Builds an image. From the same packages, Node and sources it is the same, bit for bit.
 *
 * @throws {ImageError} where a package or a program that it takes is not to be had.
 */
export async function buildImage(recipe: Recipe, options: BuildOptions): Promise<BuiltImage> {
  const { cache, isRefreshed = false } = options;
  const isWanted = (name: string): boolean => recipe.parts.some((part) => part.package.test(name));
  const packages = await collectPackages({ first: recipe.packages, isWanted, cache, isRefreshed });
  const tree: Tree = new Map([
    ...systemTree(),
    ...(await packageTree(packages, recipe, cache)),
    ...(recipe.hasNode ? await nodeTree(options.node) : []),
    ...runnerTree(recipe),
  ]);
  gatherAuthorities(tree);
  await compilePython(tree, cache);
  const builtFrom = [
    ...packages.map(({ name, version }) => `${name} ${version}`),
    ...(recipe.hasNode ? [`node ${options.nodeVersion}`] : []),
  ];
  return { ...archiveOf(recipe.name, tree, builtFrom.join(", ")), builtFrom };
}

async function packageTree(
  packages: readonly DebianPackage[],
  { parts }: Recipe,
  cache: string,
): Promise<Tree> {
  const tree: Tree = new Map();
  for (const one of packages) {
    const folder = await mkdtemp(join(cache, ".unpacked-"));
    try {
      await one.unpack(folder);
      const part = parts.find((candidate) => candidate.package.test(one.name));
      const isWanted = (path: string): boolean => part?.files.test(path) ?? false;
      for (const [path, node] of readTree(folder, isWanted)) tree.set(path, node);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  return tree;
}

/** What stands in each image, whatever else does. */
function systemTree(): Tree {
  const empty = (mode: number) => ({ kind: "folder", mode }) as const;
  const linkTo = (target: string) => ({ kind: "link", target }) as const;
  return new Map([
    ...mergedFolders.map((folder) => [folder, linkTo(`usr/${folder}`)] as const),
    ...applets.map((applet) => [`usr/bin/${applet}`, linkTo("busybox")] as const),
    ...["dev", "proc", "sys", "usr/lib64", "usr/sbin", "run/ringward", "work", "workspace"].map(
      (folder) => [folder, empty(0o755)] as const,
    ),
    ["tmp", empty(0o1777)],
    [
      "etc/passwd",
      plainFile("root:x:0:0:root:/:/bin/false\nsandbox:x:65532:65532:sandbox:/work:/bin/sh\n"),
    ],
    ["etc/group", plainFile("root:x:0:\nsandbox:x:65532:\n")],
    ["etc/nsswitch.conf", plainFile("hosts: files myhostname\n")],
  ] as const);
}

const authoritiesFile = "etc/ssl/certs/ca-certificates.crt";

/** One file with all certificates, in place of the many: where programs look for them. */
function gatherAuthorities(tree: Tree): void {
  const paths = [...tree.keys()].filter((path) => path.endsWith(".crt")).sort();
  const texts = paths.map((path) => {
    const file = tree.get(path);
    tree.delete(path);
    return file?.kind === "file" ? Buffer.from(file.bytes).toString() : "";
  });
  tree.set(authoritiesFile, plainFile(texts.join("")));
}
