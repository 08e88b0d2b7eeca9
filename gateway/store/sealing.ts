import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Digest } from "../../manifests/digest.ts";
import { commitment } from "../audit/record.ts";
import { syncFolder, writeSynced } from "./durable-file.ts";

/** A text as it stands beside its record. */
export interface Sealed {
  readonly commitment: Digest;
  /** Seed, tag and ciphertext of salt and text. */
  readonly bytes: Buffer;
}

const keyBytes = 32;
const seedBytes = 16;
const tagBytes = 16;
const saltChars = 32;

/**
 * AES-256-GCM under a key and nonce of its own, derived from a random seed: no number of payloads
 * brings two under the same nonce. The salt of the commitment stands inside, so it goes with the
 * payload.
 */
export function seal(key: Buffer, text: string): Sealed {
  const random = randomBytes(seedBytes + saltChars / 2);
  const seed = random.subarray(0, seedBytes);
  const salt = random.toString("hex", seedBytes);
  const cipher = createCipheriv("aes-256-gcm", ...derive(key, seed));
  const sealed = Buffer.concat([cipher.update(salt + text, "utf8"), cipher.final()]);
  const bytes = Buffer.concat([seed, cipher.getAuthTag(), sealed]);
  return { commitment: commitment(salt, text), bytes };
}

/**
 * The text of a payload.
 *
 * @throws {Error} where the bytes were altered, are another payload's or of another key.
 */
export function unseal(key: Buffer, sealed: Sealed): string {
  const seed = sealed.bytes.subarray(0, seedBytes);
  const decipher = createDecipheriv("aes-256-gcm", ...derive(key, seed));
  decipher.setAuthTag(sealed.bytes.subarray(seedBytes, seedBytes + tagBytes));
  const rest = sealed.bytes.subarray(seedBytes + tagBytes);
  const plain = decipher.update(rest, undefined, "utf8") + decipher.final("utf8");
  const text = plain.slice(saltChars);
  if (commitment(plain.slice(0, saltChars), text) !== sealed.commitment) {
    throw new Error("the payload is not the one that its record commits to");
  }
  return text;
}

/** Makes the key of a new store, before anything is sealed. */
export function writePayloadKey(folder: string): void {
  writeSynced(payloadKeyFile(folder), randomBytes(keyBytes));
  syncFolder(folder);
}

/** @throws {Error} one line, where the key is missing or none. */
export function readPayloadKey(folder: string): Buffer {
  const file = payloadKeyFile(folder);
  if (!existsSync(file)) throw new Error(`${file}: missing (restore it; payloads need it)`);
  const key = readFileSync(file);
  if (key.length !== keyBytes) throw new Error(`${file}: not a payload key (restore the file)`);
  return key;
}

function payloadKeyFile(folder: string): string {
  return join(folder, "payload.key");
}

function derive(key: Buffer, seed: Buffer): [Buffer, Buffer] {
  const material = createHmac("sha512", key).update(seed).digest();
  return [material.subarray(0, keyBytes), material.subarray(keyBytes, keyBytes + 12)];
}
