import { existsSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Config } from "../config/config.ts";
import { syncFolder, writeSynced } from "../store/durable-file.ts";
import type { Environment } from "./environment.ts";
import { type StoredSecret, sealSecrets, unsealSecrets } from "./sealed-secrets.ts";
import { type KeyPlace, keyVariable, makeKeyFile, readSecretsKey } from "./secrets-key.ts";

/** Where the encrypted secrets of a deployment are kept. */
export interface SecretsPlace extends KeyPlace {
  readonly folder: string;
}

export function secretsPlace({ state, secrets }: Config, env: Environment): SecretsPlace {
  return { folder: state, keyFile: secrets.keyFile ?? join(state, "secrets.key"), env };
}

const fileName = "secrets.sealed";

/** Another one whenever the secrets were changed; nothing where there are none. */
export function secretsStamp({ folder }: SecretsPlace): string {
  const about = statSync(join(folder, fileName), { bigint: true, throwIfNoEntry: false });
  return about === undefined ? "" : `${about.ino} ${about.mtimeNs} ${about.size}`;
}

/** @throws {Error} one line: where, what, and how to mend it. */
export function readSecretsFile(place: SecretsPlace): readonly StoredSecret[] {
  const file = join(place.folder, fileName);
  if (!existsSync(file)) return [];
  const key = readSecretsKey(place);
  if (key === undefined) {
    const mend = `set ${keyVariable}, or bring back ${place.keyFile}`;
    throw new Error(`${file}: the key of the secrets is not there (${mend})`);
  }
  return unsealFile(file, key, place);
}

function unsealFile(file: string, key: Buffer, { keyFile }: KeyPlace): readonly StoredSecret[] {
  try {
    return unsealSecrets(readFileSync(file), key);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    const mend = `bring back the file or its key, in ${keyVariable} or ${keyFile}`;
    throw new Error(`${file}: ${what} (${mend})`, { cause });
  }
}

/** What became of the secrets, and of their key. */
export interface Changed {
  /** Where there was no key at all. */
  readonly madeKey: boolean;
}

/**
 * Replaces all secrets at once: a crash leaves the old ones or the new ones. Of two processes one
 * waits for the other.
 *
 * @throws {Error} one line.
 */
export async function changeSecretsFile(
  place: SecretsPlace,
  change: (secrets: readonly StoredSecret[]) => Promise<readonly StoredSecret[]>,
): Promise<Changed> {
  const lock = lockFolder(place.folder);
  try {
    const secrets = await change(readSecretsFile(place));
    const own = readSecretsKey(place);
    const key = own ?? makeKeyFile(place.keyFile);
    const file = join(place.folder, fileName);
    writeSynced(`${file}.new`, sealSecrets(secrets, key));
    renameSync(`${file}.new`, file);
    syncFolder(place.folder);
    return { madeKey: own === undefined };
  } finally {
    lock.close();
  }
}

const lockWaitMs = 5_000;

/** The system lets go of it when the process dies. */
function lockFolder(folder: string): Database.Database {
  const lock = new Database(join(folder, "secrets.lock"), { timeout: lockWaitMs });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock.close();
    throw new Error(`${folder}: another command changes the secrets (wait for it to end)`, {
      cause,
    });
  }
}
