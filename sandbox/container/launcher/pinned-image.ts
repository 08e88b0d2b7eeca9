import { Refusal } from "../../../manifests/refusals.ts";
import type { Engine, EngineImage } from "./engine.ts";

/**
 * The image of a pin, which is an id or `NAME@sha256:…`. What runs is named by the id that is found
 * here, so that no name can be moved in between.
 *
 * @throws {Refusal} `IMAGE_UNAVAILABLE`, `IMAGE_MISMATCH`.
 * @throws {EngineFault}
 */
export async function pinnedImage(pin: string, engine: Engine): Promise<EngineImage> {
  const image = await engine.image(pin);
  if (image === undefined) throw new Refusal("IMAGE_UNAVAILABLE");
  if (image.id !== pin && !image.digests.includes(pin)) throw new Refusal("IMAGE_MISMATCH");
  return image;
}
