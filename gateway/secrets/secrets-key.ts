import { randomBytes } from "node:crypto";
import { lstatSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder, writeSynced } from "../store/durable-file.ts";
import type { Environment } from "./environment.ts";

export const keyVariable = "RINGWARD_SECRETS_KEY";
const keyBytes = 32;

export interface KeyPlace {
  readonly keyFile: string;
  readonly env: Environment;
}

/**
 * The key of the encrypted secrets: the environment's, else that of the file; undefined where there
 * is neither.
 *
 * @throws {Error} one line, for a key that is none, or a file that others can read.
 */
export function readSecretsKey({ keyFile, env }: KeyPlace): Buffer | undefined {
  const own = env(keyVariable);
  if (own !== undefined && own !== "") return parseKey(own, keyVariable);
  const about = lstatSync(keyFile, { throwIfNoEntry: false });
  if (about === undefined) return undefined;
  const isOwn = about.uid === (process.getuid?.() ?? about.uid);
  if (!isOwn) {
    const mend = `run this as user id ${about.uid}, or chown ${keyFile}`;
    throw new Error(`${keyFile}: it belongs to user id ${about.uid} (${mend})`);
  }
  if (!about.isFile() || (about.mode & 0o077) !== 0) {
    const mend = `chmod 600 ${keyFile}, as the gateway's user`;
    throw new Error(`${keyFile}: others can read or change this key (${mend})`);
  }
  return parseKey(readFileSync(keyFile, "latin1").trim(), keyFile);
}

/** A new random key, for its owner alone. */
export function makeKeyFile(keyFile: string): Buffer {
  const key = randomBytes(keyBytes);
  writeSynced(keyFile, `${key.toString("base64")}\n`);
  syncFolder(dirname(keyFile));
  return key;
}

/** A key, not a passphrase: nothing is derived from it, so it has to be random by itself. */
function parseKey(text: string, place: string): Buffer {
  for (const encoding of ["hex", "base64", "base64url"] as const) {
    const key = Buffer.from(text, encoding);
    const isWhole = key.toString(encoding) === (encoding === "hex" ? text.toLowerCase() : text);
    if (key.length === keyBytes && isWhole) return key;
  }
  const mend = "make one: `openssl rand -base64 32`";
  throw new Error(`${place}: not a key of ${keyBytes} random bytes in base64 (${mend})`);
}
