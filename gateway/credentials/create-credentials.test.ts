import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { type Test, test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { JwtConfig } from "../config/config.ts";
import type { Clock } from "../deps.ts";
import type { Key, KeyStore } from "../store/store.ts";
import { createCredentials } from "./create-credentials.ts";
import type { Caller, Credentials } from "./credentials.ts";
import { hashOf, mintKey } from "./secret-key.ts";

const now = 1_800_000_000_000;
const clock: Clock = { now: () => now, monotonic: () => 0 };
const about = { kind: "agent", principal: "ann", id: "key_1", now } as const;

function keysOf(...keys: readonly Key[]): { readonly keys: KeyStore } {
  const find = (hash: string): Promise<Key | undefined> =>
    Promise.resolve(keys.find((key) => key.hash === hash));
  return { keys: { find } as KeyStore };
}

async function refusalOf(attempt: Promise<Caller>): Promise<string> {
  try {
    return `let in ${(await attempt).actor}`;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

const refused = "UNAUTHENTICATED: the credential is missing, unknown, expired or revoked";

test("a minted key is 256 random bits under its kind, and the store holds only its hash", (t) => {
  const { key, secret } = mintKey({ ...about, session: "session_1", expiresAt: now + 1 });
  t.match(secret, /^rw_agent_[A-Za-z0-9_-]{43}$/);
  t.notOk(JSON.stringify(key).includes(secret.slice(9)));
  t.same(key, {
    kind: "agent",
    principal: "ann",
    id: "key_1",
    session: "session_1",
    hash: hashOf(secret),
    createdAt: now,
    expiresAt: now + 1,
  });
  t.not(mintKey(about).secret, mintKey(about).secret);
  t.end();
});

test("a key says who holds it", async (t) => {
  const { key, secret } = mintKey({ ...about, session: "session_1" });
  const credentials = createCredentials({ store: keysOf(key), clock });
  t.same(await credentials.authenticate(secret), {
    actor: "key_1",
    kind: "agent",
    principal: "ann",
    session: "session_1",
  });
});

test("whatever is wrong with a key, the refusal is the same", async (t) => {
  const { key, secret } = mintKey(about);
  const tried = async (known: Key, bearer: string): Promise<string> =>
    await refusalOf(createCredentials({ store: keysOf(known), clock }).authenticate(bearer));
  t.equal(await tried(key, mintKey(about).secret), refused, "unknown");
  t.equal(await tried({ ...key, revokedAt: now }, secret), refused, "revoked");
  t.equal(await tried({ ...key, expiresAt: now }, secret), refused, "expired");
  t.equal(await tried({ ...key, expiresAt: now + 1 }, secret), "let in key_1");
  t.equal(await tried(key, ""), refused, "empty");
  t.equal(await tried(key, key.hash), refused, "the hash instead of the secret");
  t.equal(await tried(key, "a.b.c"), refused, "a token where none are taken");
});

test("a bearer is looked up as long as the limit, and a longer one is not even hashed", async (t) => {
  let lookups = 0;
  const find = (): Promise<undefined> => {
    lookups += 1;
    return Promise.resolve(undefined);
  };
  const credentials = createCredentials({
    store: { keys: { find } as unknown as KeyStore },
    clock,
  });
  const most = "rw_".padEnd(limits.bearerChars, "x");
  t.equal(await refusalOf(credentials.authenticate(most)), refused);
  t.equal(lookups, 1);
  t.equal(await refusalOf(credentials.authenticate(`${most}x`)), refused);
  t.equal(lookups, 1);
});

const issuer = "https://identity.example";
const claims = { sub: "ann", ringward_kind: "agent" };

interface Provider {
  readonly credentials: Credentials;
  readonly publicPem: string;
  sign(claims: JWTPayload, change?: (token: SignJWT) => SignJWT): Promise<string>;
}

async function provider(t: Test): Promise<Provider> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwks = join(t.testdir(), "jwks.json");
  writeFileSync(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k" }] }));
  const jwt: JwtConfig = { issuer, audience: "ringward", jwks };
  return {
    credentials: createCredentials({ store: keysOf(), clock, jwt }),
    publicPem: await exportSPKI(publicKey),
    sign: async (payload, change = (token) => token) =>
      await change(
        new SignJWT(payload)
          .setProtectedHeader({ alg: "ES256", kid: "k" })
          .setIssuer(issuer)
          .setAudience("ringward")
          .setExpirationTime(now / 1_000 + 60),
      ).sign(privateKey),
  };
}

test("a token of the identity provider says who holds it", async (t) => {
  const { credentials, sign } = await provider(t);
  t.same(await credentials.authenticate(await sign(claims)), {
    actor: "jwt:ann",
    kind: "agent",
    principal: "ann",
  });
  const bound = await credentials.authenticate(
    await sign({ ...claims, ringward_session: "session_1" }),
  );
  t.equal(bound.session, "session_1");
});

test("a token that says too little, too much or the wrong thing is refused alike", async (t) => {
  const { credentials, sign } = await provider(t);
  const refusals: Record<string, Promise<string>> = {
    expired: sign(claims, (token) => token.setExpirationTime(now / 1_000 - 1)),
    "not yet good": sign(claims, (token) => token.setNotBefore(now / 1_000 + 30)),
    "another issuer": sign(claims, (token) => token.setIssuer("https://evil.example")),
    "another audience": sign(claims, (token) => token.setAudience("other")),
    "no subject": sign({ ringward_kind: "agent" }),
    "no kind": sign({ sub: "ann" }),
    "a kind that is none": sign({ ...claims, ringward_kind: "root" }),
    "two kinds": sign({ ...claims, ringward_kind: ["agent", "operator"] }),
    "an operator bound to a session": sign({
      ...claims,
      ringward_kind: "operator",
      ringward_session: "session_1",
    }),
    "a subject with a line break": sign({ ...claims, sub: "ann\nroot" }),
  };
  for (const [what, token] of Object.entries(refusals)) {
    t.equal(await refusalOf(credentials.authenticate(await token)), refused, what);
  }
});

test("a token that never ends is refused", async (t) => {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA");
  const jwks = join(t.testdir(), "jwks.json");
  writeFileSync(jwks, JSON.stringify({ keys: [await exportJWK(publicKey)] }));
  const jwt: JwtConfig = { issuer, audience: "ringward", jwks };
  const credentials = createCredentials({ store: keysOf(), clock, jwt });
  const base = new SignJWT(claims).setProtectedHeader({ alg: "EdDSA" }).setIssuer(issuer);
  const endless = await base.setAudience("ringward").sign(privateKey);
  t.equal(await refusalOf(credentials.authenticate(endless)), refused);
  const ending = await base.setExpirationTime(now / 1_000 + 1).sign(privateKey);
  t.equal(await refusalOf(credentials.authenticate(ending)), "let in jwt:ann");
});

test("a token cannot choose how it is checked", async (t) => {
  const { credentials, publicPem, sign } = await provider(t);
  const [, payload = "", signature = ""] = (await sign(claims)).split(".");
  const header = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const none = header({ alg: "none", kid: "k" });
  t.equal(await refusalOf(credentials.authenticate(`${none}.${payload}.`)), refused);
  t.equal(await refusalOf(credentials.authenticate(`${none}.${payload}.${signature}`)), refused);
  const shared = `${header({ alg: "HS256", kid: "k" })}.${payload}`;
  const forged = createHmac("sha256", publicPem).update(shared).digest("base64url");
  t.equal(await refusalOf(credentials.authenticate(`${shared}.${forged}`)), refused);
});

test("a shared secret signs no token, even where somebody put one into the key set", async (t) => {
  const secret = Buffer.alloc(32, 7);
  const key = { kty: "oct", k: secret.toString("base64url"), alg: "HS256" };
  const jwks = join(t.testdir({ "jwks.json": JSON.stringify({ keys: [key] }) }), "jwks.json");
  const jwt: JwtConfig = { issuer, audience: "ringward", jwks };
  const credentials = createCredentials({ store: keysOf(), clock, jwt });
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(issuer)
    .setAudience("ringward")
    .setExpirationTime(now / 1_000 + 60)
    .sign(secret);
  t.equal(await refusalOf(credentials.authenticate(token)), refused);
});

test("a token signed by another key of the same name is refused", async (t) => {
  const ours = await provider(t);
  const theirs = await provider(t);
  const forged = await theirs.sign(claims);
  t.equal(await refusalOf(ours.credentials.authenticate(forged)), refused);
});

test("a key set that cannot be read, or travels in the clear, stops the start", (t) => {
  const open = (jwks: string): Credentials =>
    createCredentials({ store: keysOf(), clock, jwt: { issuer, audience: "ringward", jwks } });
  const empty = join(t.testdir({ "empty.json": '{"keys":[]}' }), "empty.json");
  t.throws(() => open("/nowhere/jwks.json"), /jwt\.jwks/);
  t.throws(() => open(empty), /jwt\.jwks/);
  t.throws(() => open("http://identity.example/jwks"), /not https/);
  t.end();
});
