import { SourceError } from "../../manifests/source-error.ts";
import type { Config } from "../config/config.ts";

/**
 * Whether the deployment has a tool of that name. Also true where a manifest is wrong: that must not
 * get into the way of a freeze.
 */
export async function mayBeTool(name: string, config: Config): Promise<boolean> {
  const { readManifests } = await import("../tools/load-tools.ts");
  const shipped = config.tools && { shipped: config.tools };
  try {
    const manifests = await readManifests({ ...shipped, folders: config.manifests });
    return manifests.some(({ manifest }) => manifest.name === name);
  } catch (error) {
    if (error instanceof SourceError) return true;
    throw error;
  }
}
