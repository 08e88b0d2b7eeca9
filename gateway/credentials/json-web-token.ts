import { readFileSync } from "node:fs";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from "jose";
import { z } from "zod";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { JwtConfig } from "../config/config.ts";
import type { Clock } from "../deps.ts";
import { keyKinds } from "../store/store.ts";
import type { Caller } from "./credentials.ts";

/** @throws {Refusal} `UNAUTHENTICATED`, the same for whatever is wrong. */
export type TokenVerifier = (token: string) => Promise<Caller>;

/**
 * Verifies tokens of one issuer for one audience.
 *
 * @throws {Error} for a key set that cannot be read, or an address that is not https.
 */
export function createTokenVerifier(config: JwtConfig, clock: Clock): TokenVerifier {
  const keys = readKeySet(config.jwks);
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, verifyOptions(config, clock));
      return readCaller(payload);
    } catch (cause) {
      throw new Refusal("UNAUTHENTICATED", undefined, { cause });
    }
  };
}

/**
 * Signatures alone: whoever can check a shared-secret token can also make one, and a public key
 * must never be taken for such a secret.
 */
const algorithms = [
  "EdDSA",
  "Ed25519",
  "ES256",
  "ES384",
  "ES512",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
];

function verifyOptions({ issuer, audience }: JwtConfig, clock: Clock): JWTVerifyOptions {
  return {
    algorithms,
    issuer,
    audience,
    requiredClaims: ["exp"],
    currentDate: new Date(clock.now()),
  };
}

/** The prefix keeps a subject from looking like a key's id or a local user in the record. */
function readCaller(payload: JWTPayload): Caller {
  const { sub, ringward_kind: kind, ringward_session: session } = claimsSchema.parse(payload);
  return { actor: `jwt:${sub}`, kind, principal: sub, ...(session !== undefined && { session }) };
}

const printable = /^[\x21-\x7e]+$/;

const claimsSchema = z
  .object({
    sub: z.string().max(limits.principalChars).regex(printable),
    ringward_kind: z.enum(keyKinds),
    ringward_session: z.string().max(limits.idChars).regex(printable).exactOptional(),
  })
  .refine((claims) => claims.ringward_session === undefined || claims.ringward_kind === "agent");

function readKeySet(place: string): JWTVerifyGetKey {
  const url = URL.parse(place);
  if (url?.protocol === "https:") return createRemoteJWKSet(url);
  if (url?.protocol === "http:") {
    throw new Error(`jwt.jwks: ${place} is not https, so anybody on the way could add keys`);
  }
  return createLocalJWKSet(readKeySetFile(place));
}

function readKeySetFile(file: string): JSONWebKeySet {
  try {
    return keySetSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new Error(`jwt.jwks: ${file} is not a readable JSON Web Key Set`, { cause });
  }
}

const keySetSchema = z.object({
  keys: z.array(z.looseObject({ kty: z.string() })).min(1),
}) as unknown as z.ZodType<JSONWebKeySet>;
