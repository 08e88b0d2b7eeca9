import { isContainerTier } from "../../../manifests/tier.ts";
import type { EngineFacts } from "../../../sandbox/container/link/launcher.ts";
import type { Gateway } from "../../open-gateway.ts";
import type { Tool } from "../../tools/tool.ts";
import { isUnbuilt } from "../../tools/tool-image.ts";
import { type Check, fail, off, ok, warn } from "./check.ts";

/** What runs containers here: the engine, its runtimes, and the images that tools need. */
export async function checkEngine({ containers, deps }: Gateway): Promise<readonly Check[]> {
  if (containers === undefined) {
    const mend = "name a launcher: `containers` in the deployment file, see docs/deployment.md";
    return [off("containers", "no launcher is named, so container tiers are off", mend)];
  }
  const tools = [...deps.tools.values()];
  const missing = checkImages(tools, containers.isNamed);
  const facts = await containers.facts().catch((error: Error) => error);
  // What is wrong with it stands with the tiers, which could not be proved.
  if (facts instanceof Error) return missing;
  const { engine, kernel, cgroup, runtimes } = facts;
  const names = runtimes.map(({ name, version = "" }) => `${name} ${version}`.trim()).join(", ");
  const found = `${engine}, with ${names}; kernel ${kernel}, control groups v${cgroup}`;
  return [ok("engine", found), ...missing, ...absent(tools, facts)];
}

/** Shipped images that were never built. */
function checkImages(tools: readonly Tool[], isNamed: boolean): readonly Check[] {
  const lacking = tools.filter(isUnbuilt);
  if (lacking.length === 0) return [];
  const names = lacking.map(({ manifest }) => manifest.name).join(", ");
  const check = isNamed ? fail : off;
  return [check("images", `not built here, so refused: ${names}`, "`ringward images build`")];
}

/** Images that tools are pinned to, and that the engine has not. */
function absent(tools: readonly Tool[], { images }: EngineFacts): readonly Check[] {
  const lacking = tools.filter(({ manifest, image }) => {
    const isNeeded = isContainerTier(manifest.sandbox.tier) && image?.startsWith("sha256:");
    return isNeeded && !images.includes(image ?? "");
  });
  return lacking.map(({ manifest, image }) => {
    const found = `launcher or engine lack ${image?.slice(0, 19)}…, which ${manifest.name} runs in`;
    const mend = "`ringward images build`, or load the image; then start launcher and gateway anew";
    return warn("images", found, mend);
  });
}
