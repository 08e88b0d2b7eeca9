import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { syncFolder, writeSynced } from "../store/durable-file.ts";
import { publicKeyText } from "./checkpoint.ts";

/**
 * The key that signs a writer's next checkpoint. It ratchets: a checkpoint names the key after it,
 * and the one that signed is erased, so that whoever takes over the machine later cannot sign for
 * what was before.
 *
 * INVARIANT: the file of the key that the last durable checkpoint names always exists, as `.key` or
 * as `.key.next`. The order is: write `.next`, commit the checkpoint, rename.
 */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: string;
}

/** Makes the next key and writes it beside the current one, synced. */
export function writeNextKey(folder: string, writer: string): SigningKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  writeSynced(nextFile(folder, writer), pem);
  syncFolder(folder);
  return { privateKey, publicKey: publicKeyText(privateKey) };
}

/** Erases the current key by putting the next one in its place. */
export function adoptNextKey(folder: string, writer: string): void {
  renameSync(nextFile(folder, writer), keyFile(folder, writer));
  syncFolder(folder);
}

/**
 * Reads the key that the chain names, wherever a crash left it.
 *
 * @throws {Error} one line, where neither file holds it.
 */
export function readNamedKey(folder: string, writer: string, publicKey: string): SigningKey {
  const current = readKey(keyFile(folder, writer));
  if (current?.publicKey === publicKey) {
    rmSync(nextFile(folder, writer), { force: true });
    return current;
  }
  const next = readKey(nextFile(folder, writer));
  if (next?.publicKey !== publicKey) {
    throw new Error(
      `${keyFile(folder, writer)}: not the key that the record names (restore the file, or start a new store in another folder)`,
    );
  }
  adoptNextKey(folder, writer);
  return next;
}

/** The public half of the signing key of each writer, as far as the folder holds them readably. */
export function readDiskKeys(folder: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const file of readdirSync(folder)) {
    const writer = /^((?:gateway|cli)(?:-[0-9]+)?)\.key$/.exec(file)?.[1];
    const key = writer === undefined ? undefined : readKey(keyFile(folder, writer));
    if (writer !== undefined && key !== undefined) keys.set(writer, key.publicKey);
  }
  return keys;
}

function readKey(file: string): SigningKey | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const privateKey = createPrivateKey(readFileSync(file));
    return { privateKey, publicKey: publicKeyText(privateKey) };
  } catch {
    // Half written before a crash: then it is not the one that is named.
    return undefined;
  }
}

function keyFile(folder: string, writer: string): string {
  return join(folder, `${writer}.key`);
}

function nextFile(folder: string, writer: string): string {
  return `${keyFile(folder, writer)}.next`;
}
