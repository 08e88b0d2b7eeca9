import { join } from "node:path";
import { type Config, parseConfig } from "./config.ts";

/**
 * The deployment of somebody who wrote none: shipped tools and policies, loopback, development.
 * Everything is kept under `folder`, store and workspace beside each other, so that neither covers
 * the other.
 */
export function embeddedConfig(folder: string): Config {
  return parseConfig({
    apiVersion: "ringward/v1",
    kind: "Deployment",
    mode: "development",
    state: join(folder, "state"),
    workspace: join(folder, "workspace"),
  });
}
