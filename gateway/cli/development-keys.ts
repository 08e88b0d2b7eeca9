import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { mintKey } from "../credentials/secret-key.ts";
import type { Gateway } from "../open-gateway.ts";
import { syncFolder, writeSynced } from "../store/durable-file.ts";
import type { Actor } from "../store/store.ts";

/**
 * Makes a random key of each kind that a person needs and writes it, mode 0600, into `keys` in the
 * state folder: outside the workspace and the bundle. Returns that folder. There is no agent's key:
 * opening a session gives the token that an agent holds.
 */
export async function makeDevelopmentKeys(
  { config, deps }: Pick<Gateway, "config" | "deps">,
  by: Actor,
): Promise<string> {
  const folder = join(config.state, "keys");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const kind of ["host", "operator", "auditor"] as const) {
    const about = { kind, principal: `development-${kind}`, id: deps.newId("key") };
    const { key, secret } = mintKey({ ...about, now: deps.clock.now() });
    writeSynced(join(folder, `${kind}.key`), `${secret}\n`);
    await deps.store.keys.add(key, by);
  }
  syncFolder(folder);
  return folder;
}
