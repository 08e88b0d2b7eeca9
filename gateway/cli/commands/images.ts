import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Argument, type Command } from "commander";
import { ImageError } from "../../../sandbox/container/images/image-error.ts";
import { type ImageName, imageNames } from "../../../sandbox/container/images/recipes.ts";
import type { Config } from "../../config/config.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { readDeployment } from "../open.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface Options {
  readonly engine?: string;
  readonly refresh?: true;
  readonly json?: true;
}

export function addImages(program: Command, terminal: Terminal): void {
  const images = program
    .command("images")
    .description("Build the images that tools in containers run in, and list them.")
    .addHelpText("after", examples);
  images
    .command("build")
    .description("Build images from Debian's packages and this Node, and hand them to the engine.")
    .addArgument(new Argument("[name...]", "which of them (default: all)").choices(imageNames))
    .option("--engine <socket>", "the engine's socket (default: the deployment's)")
    .option("--refresh", "fetch packages anew, whatever was kept")
    .action((names: readonly ImageName[], options: Options) =>
      withPlace({ program, terminal, options }, (place) => build(names, options, place)),
    );
  images
    .command("list")
    .description("List the images that were built here, and whether the engine has them.")
    .option("--engine <socket>", "the engine's socket (default: the deployment's)")
    .option("--json", "print JSON")
    .action((options: Options) =>
      withPlace({ program, terminal, options }, (place) => list(options, place)),
    );
}

const examples = `
The images are the same, bit for bit, whenever they are built from the same packages, Node and
Ringward. A gateway and a launcher that run take up another image when they start anew.

Examples:
  ringward images build
  ringward images build shell --engine /run/docker.sock
  ringward images list`;

interface Asked {
  readonly program: Command;
  readonly terminal: Terminal;
  readonly options: Options;
}

/** Where images go to. */
interface Place {
  readonly terminal: Terminal;
  readonly engine: string;
  /** The file with their ids. */
  readonly file: string;
  readonly cache: string;
}

async function withPlace(asked: Asked, use: (place: Place) => Promise<void>): Promise<void> {
  const { config } = await readDeployment(asked.program, asked.terminal);
  try {
    await use(await placeOf(asked, config));
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new CommandError(exitCodes.unavailable, error.message, error);
  }
}

async function placeOf({ terminal, options }: Asked, config: Config): Promise<Place> {
  const { containersConfigSchema, imagesFileOf } = await import(
    "../../config/containers-config.ts"
  );
  const { engine } = config.containers ?? containersConfigSchema.parse({});
  return {
    terminal,
    engine: options.engine === undefined ? engine : resolve(terminal.cwd, options.engine),
    file: imagesFileOf(config),
    cache: join(config.state, "packages"),
  };
}

async function build(
  names: readonly ImageName[],
  { refresh: isRefreshed = false }: { readonly refresh?: boolean },
  place: Place,
): Promise<void> {
  const { buildImage } = await import("../../../sandbox/container/images/build-image.ts");
  const { findEngine, loadImage } = await import("../../../sandbox/container/images/load-image.ts");
  const { recipes } = await import("../../../sandbox/container/images/recipes.ts");
  const { terminal, engine, cache } = place;
  const { node, nodeVersion } = terminal;
  await findEngine(engine);
  for (const name of names.length === 0 ? imageNames : names) {
    terminal.note(`${name}: fetching packages and building, up to a minute`);
    const image = await buildImage(recipes[name], {
      cache,
      node,
      nodeVersion,
      isRefreshed,
    });
    terminal.note(`${name}: from ${image.builtFrom.length} parts, handing it to the engine`);
    const id = await loadImage(engine, image);
    await keep(name, id, place.file);
    terminal.print(`${name}  ${id}`);
  }
  terminal.note("A gateway and a launcher that run know these once they start anew.");
}

/** The file is whole at any time: gateways and launchers read it. */
async function keep(name: ImageName, id: string, file: string): Promise<void> {
  const { readImages } = await import("../../tools/read-images.ts");
  const known = [...(await readImages(file))].map(([one, of]) => [one, { id: of }] as const);
  const all = { ...Object.fromEntries(known), [name]: { id } };
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o644 });
  await rename(`${file}.new`, file);
}

async function list({ json }: Options, { terminal, engine, file }: Place): Promise<void> {
  const { hasImage } = await import("../../../sandbox/container/images/load-image.ts");
  const { readImages } = await import("../../tools/read-images.ts");
  const built = await readImages(file);
  const images = await Promise.all(
    imageNames.map(async (name) => {
      const id = built.get(name);
      return { name, id, isThere: id !== undefined && (await hasImage(engine, id)) };
    }),
  );
  if (json) return terminal.printJson(images);
  const rows = images.map(({ name, id, isThere }) => [name, stateOf(id, isThere), id ?? ""]);
  terminal.print(table(["IMAGE", "STATE", "ID"], rows));
}

function stateOf(id: string | undefined, isThere: boolean): string {
  if (id === undefined) return "not built";
  return isThere ? "good" : "not in the engine";
}
