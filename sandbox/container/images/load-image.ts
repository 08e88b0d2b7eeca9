import { type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { ImageArchive } from "./docker-archive.ts";
import { ImageError } from "./image-error.ts";

/**
 * Hands an image to the engine at a unix socket, where that has not got it, and returns the id by
 * which the engine knows it. That is the image's own, but for engines that count ids in another way.
 *
 * @throws {ImageError} where the engine does not answer, or does not take it.
 */
export async function loadImage(socket: string, image: ImageArchive): Promise<string> {
  const known = await heldImage(socket, image.tag);
  if (isSame(known, image)) return known.Id;
  const { status, body } = await ask(socket, "POST /images/load?quiet=1", image.archive);
  const loaded = await heldImage(socket, image.tag);
  if (isSame(loaded, image)) return loaded.Id;
  throw new ImageError(`the engine does not take the image: ${status} ${body} (mend the engine)`);
}

/** @throws {ImageError} where no engine answers. Asked before what takes long. */
export async function findEngine(socket: string): Promise<void> {
  await ask(socket, "GET /_ping");
}

/**
 * Whether the engine has an image.
 *
 * @throws {ImageError} where it does not answer.
 */
export async function hasImage(socket: string, id: string): Promise<boolean> {
  return (await heldImage(socket, id)) !== undefined;
}

interface HeldImage {
  readonly Id: string;
  readonly RootFS?: { readonly Layers?: readonly string[] };
}

/** A tag can be anybody's: what stands in the layer decides. */
function isSame(held: HeldImage | undefined, image: ImageArchive): held is HeldImage {
  const layers = held?.RootFS?.Layers ?? [];
  return layers.length === 1 && layers[0] === image.layer;
}

async function heldImage(socket: string, reference: string): Promise<HeldImage | undefined> {
  const { status, body } = await ask(socket, `GET /images/${encodeURIComponent(reference)}/json`);
  return status === 200 ? (JSON.parse(body) as HeldImage) : undefined;
}

async function ask(
  socket: string,
  what: string,
  chunks: readonly Uint8Array[] = [],
): Promise<{ readonly status: number; readonly body: string }> {
  const [method, path] = what.split(" ");
  const headers = { host: "engine", "content-type": "application/x-tar" };
  const asking = request({ socketPath: socket, method, path, headers, agent: false });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asking.on("response", resolve).on("error", reject);
  });
  try {
    const [answer] = await Promise.all([answered, pipeline(Readable.from(chunks), asking)]);
    return { status: answer.statusCode ?? 0, body: await text(answer) };
  } catch (cause) {
    throw new ImageError(silenceOf(socket, cause as NodeJS.ErrnoException), { cause });
  }
}

function silenceOf(socket: string, { code = "no answer" }: NodeJS.ErrnoException): string {
  if (code === "EACCES") {
    return `this user may not open the engine's socket \`${socket}\` (be root, or in the socket's group)`;
  }
  const mend = "start one, or name its socket: `--engine`, or `engine` in `containers`";
  return `no container engine at \`${socket}\`: ${code} (${mend})`;
}
