import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";
import { z } from "zod";
import { type SecretBinding, secretBindingSchema, secretName } from "../../manifests/secret.ts";

/** One secret as it is kept. */
export interface StoredSecret {
  readonly name: string;
  readonly binding: SecretBinding;
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** When the value last changed. */
  readonly changedAt: number;
}

const storedSchema: z.ZodType<readonly StoredSecret[]> = z.array(
  z.strictObject({
    name: secretName,
    binding: secretBindingSchema,
    value: z.string(),
    createdAt: z.int(),
    changedAt: z.int(),
  }),
);

/** The version of the form; authenticated, as the key's id behind it is. */
const magic = Buffer.from("ringward-secrets 1\n");
const idBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = magic.length + idBytes;

/** All secrets under one seal: none can be moved, exchanged or left out, and none bound elsewhere. */
export function sealSecrets(secrets: readonly StoredSecret[], key: Buffer): Buffer {
  const head = Buffer.concat([magic, keyId(key)]);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(head);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(secrets), "utf8"), cipher.final()]);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), sealed]);
}

/** @throws {Error} one line without the mend: another version, another key, or damage. */
export function unsealSecrets(bytes: Buffer, key: Buffer): readonly StoredSecret[] {
  if (!bytes.subarray(0, magic.length).equals(magic)) {
    throw new Error("is no file of secrets that this version reads");
  }
  const head = bytes.subarray(0, headBytes);
  if (!head.subarray(magic.length).equals(keyId(key))) throw new Error("is under another key");
  return storedSchema.parse(JSON.parse(unseal(bytes, head, key)));
}

function unseal(bytes: Buffer, head: Buffer, key: Buffer): string {
  const tagAt = headBytes + nonceBytes;
  const textAt = tagAt + tagBytes;
  try {
    const nonce = bytes.subarray(headBytes, tagAt);
    const cipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
    cipher.setAAD(head);
    cipher.setAuthTag(bytes.subarray(tagAt, textAt));
    const text = cipher.update(bytes.subarray(textAt));
    return Buffer.concat([text, cipher.final()]).toString("utf8");
  } catch (cause) {
    throw new Error("is damaged, or somebody changed it", { cause });
  }
}

/** Tells one key from another, and nothing of either. */
function keyId(key: Buffer): Buffer {
  return Buffer.from(hash("sha256", Buffer.concat([magic, key])), "hex").subarray(0, idBytes);
}
