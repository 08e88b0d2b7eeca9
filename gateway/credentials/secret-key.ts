import { randomBytes } from "node:crypto";
import { type Digest, digestParts } from "../../manifests/digest.ts";
import type { Key, KeyKind } from "../store/store.ts";

export interface KeyOptions {
  readonly kind: KeyKind;
  readonly principal: string;
  readonly session?: string;
  /** Milliseconds since 1970; without it the key is good until it is revoked. */
  readonly expiresAt?: number;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface MintedKey {
  /** What the store keeps: the hash, never the secret. */
  readonly key: Key;
  /** Shown once: `rw_agent_…`, with 256 random bits. */
  readonly secret: string;
}

export function mintKey({ now, ...about }: KeyOptions): MintedKey {
  const secret = `${secretPrefix}${about.kind}_${randomBytes(32).toString("base64url")}`;
  return { key: { ...about, hash: hashOf(secret), createdAt: now }, secret };
}

/** The secret is as random as the hash is long, so neither salt nor a slow hash adds anything. */
export function hashOf(secret: string): Digest {
  return digestParts("credential", [secret]);
}

export const secretPrefix = "rw_";
