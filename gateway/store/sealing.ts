import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Digest } from "../../manifests/digest.ts";
import { limits } from "../../manifests/limits.ts";
import { Lru } from "../../manifests/lru.ts";
import { commitment } from "../audit/record.ts";
import { syncFolder, writeSynced } from "./durable-file.ts";

/** A text as it stands beside its record. */
export interface Sealed {
  readonly commitment: Digest;
  /** Seed, nonce, tag, and ciphertext of salt and text. */
  readonly bytes: Buffer;
}

const keyBytes = 32;
const seedBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const saltBytes = 16;
const saltChars = 2 * saltBytes;

/** Seals one text after the other. */
export type Sealer = (text: string) => Sealed;

/**
 * AES-256-GCM under a key of this sealer's own, derived from a random seed, with a counter as nonce:
 * no number of payloads brings two under the same key and nonce. The salt of the commitment stands
 * inside, so it goes with the payload.
 */
export function openSealer(key: Buffer): Sealer {
  const seed = randomBytes(seedBytes);
  const ownKey = deriveKey(createSecretKey(key), seed);
  const nonce = Buffer.alloc(nonceBytes);
  const nextSalt = openSalts();
  let count = 0n;
  return (text) => {
    count += 1n;
    nonce.writeBigUInt64BE(count, nonceBytes - 8);
    const salt = nextSalt();
    const cipher = createCipheriv("aes-256-gcm", ownKey, nonce);
    const sealed = [cipher.update(salt + text, "utf8"), cipher.final()];
    const bytes = Buffer.concat([seed, nonce, cipher.getAuthTag(), ...sealed]);
    return { commitment: commitment(salt, text), bytes };
  };
}

/** Many at a time from the system's source: asking it costs more than sealing a short text. */
function openSalts(): () => string {
  let pool = "";
  return () => {
    if (pool === "") pool = randomBytes(256 * saltBytes).toString("hex");
    const salt = pool.slice(0, saltChars);
    pool = pool.slice(saltChars);
    return salt;
  };
}

/**
 * The text of a payload.
 *
 * @throws {Error} where the bytes were altered, are another payload's or of another key.
 */
export type Unsealer = (sealed: Sealed) => string;

/** Keeps the keys of the sealers whose payloads it met last: one process seals under one. */
export function openUnsealer(key: Buffer): Unsealer {
  // Key objects: a cipher is made of one in a fourth of the time that it takes from bytes.
  const master = createSecretKey(key);
  const keys = new Lru<string, KeyObject>(limits.sealersInMemory);
  return (sealed) => {
    const seed = sealed.bytes.subarray(0, seedBytes);
    const name = seed.toString("latin1");
    const ownKey = keys.get(name) ?? deriveKey(master, seed);
    keys.set(name, ownKey);
    return unsealWith(ownKey, sealed);
  };
}

function unsealWith(ownKey: KeyObject, { bytes, commitment: committed }: Sealed): string {
  const cut = (from: number, length: number): Buffer => bytes.subarray(from, from + length);
  const decipher = createDecipheriv("aes-256-gcm", ownKey, cut(seedBytes, nonceBytes));
  decipher.setAuthTag(cut(seedBytes + nonceBytes, tagBytes));
  const rest = bytes.subarray(seedBytes + nonceBytes + tagBytes);
  const plain = decipher.update(rest, undefined, "utf8") + decipher.final("utf8");
  const text = plain.slice(saltChars);
  if (commitment(plain.slice(0, saltChars), text) !== committed) {
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

function deriveKey(key: KeyObject, seed: Buffer): KeyObject {
  return createSecretKey(createHmac("sha256", key).update(seed).digest());
}
