import { createReadStream } from "node:fs";
import Docker from "dockerode";

/** Loads an image's archive where the engine does not have the image. */
export async function loadImage(socket: string, image: LoadedImage): Promise<void> {
  const engine = new Docker({ socketPath: socket });
  if (await hasImage(engine, image.id)) return;
  const loading = await engine.loadImage(createReadStream(image.archive));
  loading.resume();
  await new Promise((resolve, reject) => loading.once("end", resolve).once("error", reject));
  if (!(await hasImage(engine, image.id))) throw new Error(`${image.id} was not loaded`);
}

export interface LoadedImage {
  /** `sha256:…` */
  readonly id: string;
  /** The file for `docker load`. */
  readonly archive: string;
}

async function hasImage(engine: Docker, id: string): Promise<boolean> {
  const absent = (error: { statusCode?: number }): undefined => {
    if (error.statusCode !== 404) throw error;
  };
  return (await engine.getImage(id).inspect().catch(absent)) !== undefined;
}
