import { join } from "node:path";
import type { Composition } from "./composition.ts";

export interface Deployed {
  readonly composition: Composition;
  /** Of the deployment, on the host and in the containers. */
  readonly folder: string;
}

/** The command line in the gateway's container, as docs/composition.md has it used; what it prints. */
export async function ringwardInside(
  { composition, folder }: Deployed,
  words: readonly string[],
): Promise<unknown> {
  const config = ["--config", join(folder, "ringward.yaml")];
  const command = ["node", "bin/ringward.js", ...words, "--json", ...config];
  const { code, stdout, stderr } = await composition.exec("gateway", command);
  if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
}
