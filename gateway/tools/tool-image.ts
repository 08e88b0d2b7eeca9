import type { Manifest } from "../../manifests/manifest.ts";
import { isContainerTier } from "../../manifests/tier.ts";
import type { Images } from "./read-images.ts";
import type { Tool } from "./tool.ts";

/** The shipped image in which code of ours runs, where its tier is a container's. */
const codeImage = "node";

/**
 * The image of a tool's containers, by its id or its digest. Absent where it is a shipped one that
 * was not built here.
 */
export function imageOf({ run }: Manifest, images: Images): string | undefined {
  if (!("image" in run)) return images.get(codeImage);
  return isExactImage(run.image) ? run.image : images.get(run.image);
}

/**
 * Whether the image is part of what the tool is. Code that runs in an isolate, unless policy raises a
 * call of it, is the same tool with another image or with none; the call's grant names the image.
 */
export function isPinnedToImage({ run, sandbox }: Manifest): boolean {
  if ("image" in run) return true;
  return [sandbox.tier, ...Object.values(sandbox.escalate)].some(isContainerTier);
}

/** Whether it needs an image that was not built here: each call of it is refused. */
export function isUnbuilt({ manifest, image }: Pick<Tool, "manifest" | "image">): boolean {
  return isContainerTier(manifest.sandbox.tier) && image === undefined;
}

/** An id or a digest says which bytes; a name says what was built last. */
export function isExactImage(image: string): boolean {
  return /(?:^|@)sha256:[0-9a-f]{64}$/.test(image);
}
