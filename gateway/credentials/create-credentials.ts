import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { JwtConfig } from "../config/config.ts";
import type { Clock } from "../deps.ts";
import type { Key, Store } from "../store/store.ts";
import type { Caller, Credentials } from "./credentials.ts";
import { createTokenVerifier, type TokenVerifier } from "./json-web-token.ts";
import { hashOf, secretPrefix } from "./secret-key.ts";

export interface CredentialsOptions {
  readonly store: Pick<Store, "keys">;
  readonly clock: Clock;
  readonly jwt?: JwtConfig;
}

/**
 * Keys of the store and, where configured, tokens of an identity provider. Whatever is wrong with a
 * credential, the refusal is the same. Nothing is remembered, so a revocation counts at once.
 *
 * @throws {Error} for a key set that cannot be read.
 */
export function createCredentials(options: CredentialsOptions): Credentials {
  const { jwt, clock } = options;
  const verifyToken = jwt === undefined ? refuseTokens : createTokenVerifier(jwt, clock);
  return { authenticate: (bearer) => authenticate(bearer, options, verifyToken) };
}

async function authenticate(
  bearer: string,
  options: CredentialsOptions,
  verifyToken: TokenVerifier,
): Promise<Caller> {
  if (bearer.length > limits.bearerChars) throw new Refusal("UNAUTHENTICATED");
  return bearer.startsWith(secretPrefix)
    ? await findKey(bearer, options)
    : await verifyToken(bearer);
}

async function findKey(secret: string, { store, clock }: CredentialsOptions): Promise<Caller> {
  const key = await store.keys.find(hashOf(secret));
  if (key === undefined || !isGood(key, clock.now())) throw new Refusal("UNAUTHENTICATED");
  const { id: actor, kind, principal, session } = key;
  return { actor, kind, principal, ...(session !== undefined && { session }) };
}

function isGood({ revokedAt, expiresAt }: Key, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt);
}

function refuseTokens(): Promise<never> {
  return Promise.reject(new Refusal("UNAUTHENTICATED"));
}
