import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { canonicalJson } from "../../manifests/canonical.ts";
import type { JsonObject } from "../../manifests/json.ts";
import type { Checkpoint } from "../store/store.ts";

/** Ed25519 over the canonical form of everything but the signature. */
export function signCheckpoint(
  statement: Omit<Checkpoint, "signature">,
  privateKey: KeyObject,
): Checkpoint {
  const signature = sign(null, statementBytes(statement), privateKey).toString("base64url");
  return { ...statement, signature };
}

/** Whether the signature is that of the checkpoint's own public key. Never throws. */
export function isSignedCheckpoint(checkpoint: Checkpoint): boolean {
  try {
    const { signature, ...statement } = checkpoint;
    const key = createPublicKey({ key: publicJwk(checkpoint.publicKey), format: "jwk" });
    return verify(null, statementBytes(statement), key, Buffer.from(signature, "base64url"));
  } catch {
    return false;
  }
}

/** The raw 32 bytes, base64url. */
export function publicKeyText(privateKey: KeyObject): string {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  if (x === undefined) throw new TypeError("not an Ed25519 key");
  return x;
}

function publicJwk(x: string): { kty: string; crv: string; x: string } {
  return { kty: "OKP", crv: "Ed25519", x };
}

function statementBytes(statement: Omit<Checkpoint, "signature">): Buffer {
  return Buffer.from(`ringward/v1/checkpoint\n${canonicalJson({ ...statement } as JsonObject)}`);
}
