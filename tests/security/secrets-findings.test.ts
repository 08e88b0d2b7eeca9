import { gzipSync } from "node:zlib";
import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { holds, needleOf, redact } from "../../manifests/reflection.ts";
import type { Secret, SecretPlace } from "../../manifests/secret.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { fetched, net } from "./broker-fetch-fixtures.ts";
import { codeOf, grantOf } from "./broker-fixtures.ts";
import { canary, secretNet } from "./broker-secrets-fixtures.ts";

// Ring 8, the broker: what a second look at secrets has found.

const header: SecretPlace = { header: "x-key" };

for (const part of ["range", "if-range", "Range"]) {
  test(`no ${part} asks an echo for a part of the secret, which no spelling of it would hide`, async (t) => {
    const at = await secretNet(t, (_, response) => response.end(canary.slice(0, 5)));
    const door = at.openBound(header);
    const key = { "x-key": await at.handle(door) };
    // Along with the secret, or behind it, from a server that keeps what it is sent.
    for (const headers of [{ ...key, [part]: "bytes=0-4" }, { [part]: "bytes=0-4" }]) {
      t.equal(await codeOf(door.request("fetch", { url: at.url, headers })), "EGRESS_DENIED");
    }
    t.strictSame([at.heard, at.reads], [[], []]);
    t.equal(await codeOf(door.request("fetch", { url: at.url })), "done");
  });
}

test("an answer to a secret is not asked for packed, nor says how short it was", async (t) => {
  const at = await secretNet(t, (_, response) => {
    const body = gzipSync(`guess ${canary}`);
    response.setHeader("content-encoding", "gzip").setHeader("content-length", body.length);
    response.end(body);
  });
  const door = at.openBound(header);
  const headers = { "x-key": await at.handle(door) };
  const answer = await door.request("fetch", { url: at.url, headers });
  t.match(at.heard[0], '"accept-encoding":"identity"');
  t.equal(fetched(answer).body, "guess [redacted:key]");
  t.notMatch(JSON.stringify(answer), "content-length");
  await door.request("fetch", { url: at.url });
  t.match(at.heard[1], '"accept-encoding":"gzip, deflate, br"');
});

const spelledOtherwise = [
  "X_HTTP_Method_Override",
  "x_method.override",
  "Transfer_Encoding",
  "X_Forwarded_For",
  "content_length",
];
for (const name of spelledOtherwise) {
  test(`${name} is sent no more than what servers read it as`, async (t) => {
    const at = await net(t, (_, response) => response.end());
    const request = { url: at.url, headers: { [name]: "1" } };
    t.equal(await codeOf(at.open().request("fetch", request)), "EGRESS_DENIED");
    t.strictSame(at.seen, []);
  });
}

const types: readonly [string, string][] = [
  ["application/x-www-form-urlencoded", "SECRET_MISUSED"],
  ["text/plain", "SECRET_MISUSED"],
  ["application/json; charset=utf-7", "SECRET_MISUSED"],
  ["application/json; charset=utf-8", "done"],
  ["application/vnd.desk+json", "done"],
];
for (const [type, code] of types) {
  test(`a secret in a JSON body that is sent as ${type}: ${code}`, async (t) => {
    const at = await secretNet(t, (_, response) => response.end());
    const door = at.openBound({ json: "/token" });
    const handle = await at.handle(door);
    const body = JSON.stringify({ "&comment=": "x", token: handle });
    const request = { url: at.url, method: "POST", headers: { "content-type": type }, body };
    t.equal(await codeOf(door.request("fetch", request)), code);
    t.equal(at.heard.length, code === "done" ? 1 : 0);
  });
}

test("a JSON body with a secret says that it is one", async (t) => {
  const at = await secretNet(t, (_, response) => response.end());
  const door = at.openBound({ json: "/token" });
  const body = JSON.stringify({ token: await at.handle(door) });
  await door.request("fetch", { url: at.url, method: "POST", body });
  t.match(at.heard[0], '"content-type":"application/json"');
});

test("a secret that is bound to somebody else by now is not sent for a call that was granted it", async (t) => {
  const heard: unknown[] = [];
  const at = await net(t, (request, response) => {
    heard.push(request.headers["x-key"]);
    response.end();
  });
  const to = { scheme: "http", host: "tool.test", ports: [at.port], path: "/" } as const;
  const bound = { to: { ...to, methods: ["GET"] }, place: header } as const;
  let secret: Secret = {
    binding: { ...bound, tools: ["test.tool"], principals: ["agent"] },
    value: canary,
  };
  const broker = createBroker({
    workspace: t.testdirName,
    hosts: { "tool.test": "127.0.0.1" },
    protectedPaths: [],
    secrets: { binding: async () => secret.binding, read: async () => secret },
  });
  const permission = { ...bound.to, addresses: ["127.0.0.0/8"] };
  const permissions = { net: [permission], fs: [] };
  const grant = grantOf({ permissions, secrets: [{ name: "key", ...bound }] });
  const door = broker.open(grant, new AbortController().signal);
  const headers = { "x-key": await door.request("secret", { name: "key" }) };
  const send = (): Promise<string> => codeOf(door.request("fetch", { url: at.url, headers }));
  t.equal(await send(), "done");
  for (const change of [{ principals: ["bob"] }, { tools: ["other.tool"] }]) {
    secret = { ...secret, binding: { ...secret.binding, ...change } };
    t.equal(await send(), "SECRET_UNAVAILABLE");
    secret = { ...secret, binding: { ...secret.binding, tools: ["test.tool"], principals: ["*"] } };
    t.equal(await send(), "done");
  }
  t.strictSame(heard, [canary, canary, canary]);
});

test("what a server reads in a secret is redacted as the secret is", async (t) => {
  const value = Buffer.from("robot:Hq7/z_Vt41%kd").toString("base64");
  const at = await net(t, (request, response) => {
    const [user, password] = atob(String(request.headers["x-key"])).split(":");
    response.end(JSON.stringify({ user, password, whole: `${user}:${password}` }));
  });
  const to = { scheme: "http", host: "tool.test", ports: [at.port], path: "/" } as const;
  const bound = { to: { ...to, methods: ["GET"] }, place: header } as const;
  const secret: Secret = { binding: { ...bound, tools: ["test.tool"], principals: ["*"] }, value };
  const broker = createBroker({
    workspace: t.testdirName,
    hosts: { "tool.test": "127.0.0.1" },
    protectedPaths: [],
    secrets: { binding: async () => secret.binding, read: async () => secret },
  });
  const permissions = { net: [{ ...bound.to, addresses: ["127.0.0.0/8"] }], fs: [] };
  const grant = grantOf({ permissions, secrets: [{ name: "key", ...bound }] });
  const door = broker.open(grant, new AbortController().signal);
  const headers = { "x-key": await door.request("secret", { name: "key" }) };
  const { body } = fetched(await door.request("fetch", { url: at.url, headers }));
  t.match(body, /"user":"robot","password":"\[redacted:key\]"/);
  t.notMatch(body, "Hq7");
});

/** Bits of five, as the standard has them. */
function base32(text: string): string {
  const bits = [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const units = bits.match(/.{1,5}/g) ?? [];
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return units.map((unit) => alphabet[Number.parseInt(unit.padEnd(5, "0"), 2)]).join("");
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const spelled: readonly [string, string][] = [
  ["as a list of bytes", JSON.stringify(Buffer.from(canary))],
  [
    "in octal escapes",
    [...Buffer.from(canary)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(""),
  ],
  ["in bits", [...Buffer.from(canary)].map((byte) => byte.toString(2).padStart(8, "0")).join(" ")],
  ...["", "a", "ab", "abc", "abcd"].map((before): [string, string] => [
    `in base32 behind ${before.length} bytes`,
    base32(before + canary),
  ]),
  ["in base64 of UTF-16", Buffer.from(`xy${canary}`, "utf16le").toString("base64")],
  ["in base64 of base64", base64(`a${base64(`bc${canary}`)}`)],
];
for (const [name, text] of spelled) {
  test(`a secret that is said back ${name} is redacted`, (t) => {
    const needles = [needleOf(canary, "[redacted:key]")];
    t.match(redact(`before ${text} after`, needles), /^before .*\[redacted:key\].* after$/);
    t.notOk(holds("before something else after", needles));
    t.end();
  });
}

test("packed texts are unpacked up to one bound together, whatever they hold", (t) => {
  const needles = [needleOf(canary, "[redacted:key]")];
  const pack = (text: string): string => gzipSync(text).toString("base64");
  const half = "x".repeat(limits.unpackedBytes / 2);
  t.ok(holds(`${pack(half)} ${pack(canary)}`, needles));
  t.notOk(holds(`${pack(half)} ${pack(half)} ${pack(canary)}`, needles), "and no more is read");
  t.end();
});

test("many requests at once read a secret once, for each reading may be a program", async (t) => {
  const at = await secretNet(t, (_, response) => response.end());
  const door = at.openBound(header);
  const headers = { "x-key": await at.handle(door) };
  const send = (): Promise<unknown> => door.request("fetch", { url: at.url, headers });
  await Promise.all(Array.from({ length: 8 }, send));
  t.equal(at.heard.length, 8);
  t.strictSame(at.reads, ["key"]);
  await send();
  t.strictSame(at.reads, ["key", "key"], "a later request reads it anew");
});

test("a call that is over does not wait for whoever is slow to say a secret", async (t) => {
  const at = await net(t, (_, response) => response.end());
  const to = { scheme: "http", host: "tool.test", ports: [at.port], path: "/" } as const;
  const bound = { to: { ...to, methods: ["GET"] }, place: header } as const;
  const asked = Promise.withResolvers<void>();
  const broker = createBroker({
    workspace: t.testdirName,
    hosts: { "tool.test": "127.0.0.1" },
    protectedPaths: [],
    secrets: {
      binding: async () => undefined,
      read: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    },
  });
  const permissions = { net: [{ ...bound.to, addresses: ["127.0.0.0/8"] }], fs: [] };
  const grant = grantOf({ permissions, secrets: [{ name: "key", ...bound }] });
  const door = broker.open(grant, new AbortController().signal);
  const headers = { "x-key": await door.request("secret", { name: "key" }) };
  const sent = codeOf(door.request("fetch", { url: at.url, headers }));
  await asked.promise;
  await door.close();
  t.equal(await sent, "CANCELLED");
  t.strictSame(at.seen, []);
});

test("a body that is too large is refused before anybody reads it for handles", async (t) => {
  const at = await secretNet(t, (_, response) => response.end());
  const door = at.openBound({ json: "/token" });
  const handle = await at.handle(door);
  const large = JSON.stringify({ a: "x".repeat(limits.fetchRequestBytes), token: handle });
  const request = { url: at.url, method: "POST", body: large };
  t.equal(await codeOf(door.request("fetch", request)), "EGRESS_DENIED");
  const get = { url: at.url, body: `${handle} in a request without body` };
  t.equal(await codeOf(door.request("fetch", get)), "SECRET_MISUSED");
  t.strictSame([at.heard, at.reads], [[], []]);
});

for (const path of ["%c0%ae%c0%ae/", "%C0%AF..", "%u002e%u002e/"]) {
  test(`no ${path} leads out of the path that a secret is bound to`, async (t) => {
    const at = await secretNet(t, (_, response) => response.end());
    const door = at.openBound(header, { path: "/v1" });
    const headers = { "x-key": await at.handle(door) };
    const request = { url: `${at.url}/v1/${path}admin`, headers };
    t.equal(await codeOf(door.request("fetch", request)), "SECRET_MISUSED");
    t.strictSame([at.heard, at.reads], [[], []]);
  });
}
