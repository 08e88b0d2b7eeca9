import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage } from "../../sandbox/container/images/build-image.ts";
import { type ImageName, imageNames, recipes } from "../../sandbox/container/images/recipes.ts";
import type { TestEngine } from "./engine.ts";
import { inTurn } from "./in-turn.ts";
import { type LoadedImage, loadImage } from "./load-image.ts";
import { sharedFolder } from "./shared-folder.ts";
import { sourcesDigest } from "./sources-digest.ts";

/** Ids of shipped images that the engine has, built from these sources once for the whole suite. */
export async function testImages<Name extends ImageName>(
  engine: Pick<TestEngine, "socket">,
  names: readonly Name[] = imageNames as readonly ImageName[] as readonly Name[],
): Promise<Readonly<Record<Name, string>>> {
  const ids: [Name, string][] = [];
  for (const name of names) {
    const image = await testImage(name);
    await inTurn(sharedFolder(), () => loadImage(engine.socket, image));
    ids.push([name, image.id]);
  }
  return Object.fromEntries(ids) as Record<Name, string>;
}

/** One of them, where no engine needs to have it. */
export async function testImage(name: ImageName): Promise<LoadedImage> {
  return await inTurn(sharedFolder(), () => builtImage(name));
}

async function builtImage(name: ImageName): Promise<LoadedImage> {
  const cache = join(sharedFolder(), "packages");
  // A changed recipe or program makes other images.
  const sources = sourcesDigest(["sandbox/container/images"]);
  const folder = join(sharedFolder(), `images-${sources}`);
  const archive = join(folder, `${name}.tar`);
  const said = join(folder, `${name}.id`);
  if (existsSync(said)) return { id: readFileSync(said, "utf8"), archive };
  for (const needed of [cache, folder]) mkdirSync(needed, { recursive: true });
  const { execPath: node, version: nodeVersion } = process;
  const built = await buildImage(recipes[name], { cache, node, nodeVersion });
  writeFileSync(archive, Buffer.concat(built.archive));
  writeFileSync(`${said}.new`, built.id);
  renameSync(`${said}.new`, said);
  return { id: built.id, archive };
}
