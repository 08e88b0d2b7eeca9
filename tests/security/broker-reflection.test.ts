import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { test } from "tap";
import { holds, needleOf } from "../../manifests/reflection.ts";
import type { SecretPlace } from "../../manifests/secret.ts";
import { fetched } from "./broker-fetch-fixtures.ts";
import { codeOf } from "./broker-fixtures.ts";
import { canary, secretNet } from "./broker-secrets-fixtures.ts";

// Ring 8, the broker: a server that says a secret back does not say it to the guest.

const header: SecretPlace = { header: "x-key" };
const needles = [needleOf(canary, "")];
const hex = Buffer.from(canary).toString("hex");

type Reply = (response: ServerResponse, request: IncomingMessage) => unknown;
const packed = (encoding: string, pack: (text: string) => Buffer): Reply => {
  return (response) => response.setHeader("content-encoding", encoding).end(pack(`a ${canary} b`));
};

const reflections: Readonly<Record<string, Reply>> = {
  "its body": (response, { headers }) => response.end(`you sent ${headers["x-key"]}.`),
  "a header": (response) => response.setHeader("x-echo", `you sent ${canary}`).end(),
  "a header sent twice": (response) => response.setHeader("x-echo", ["a", canary]).end(),
  "a cookie": (response) =>
    response.setHeader("set-cookie", [`s=${encodeURIComponent(canary)}`]).end(),
  "the name of a header": (response) => response.setHeader(`x-${hex}`, "1").end(),
  "the reason beside its status": (response) => response.writeHead(200, canary).end(),
  "chunks of one byte": async (response) => {
    for (const char of `<${canary}>`) {
      response.write(char);
      await sleep(1);
    }
    response.end();
  },
  "chunks of base64": async (response) => {
    const text = Buffer.from(`ab${canary}`).toString("base64");
    for (let at = 0; at < text.length; at += 7) {
      response.write(text.slice(at, at + 7));
      await sleep(1);
    }
    response.end();
  },
  gzip: packed("gzip", (text) => gzipSync(text)),
  deflate: packed("deflate", (text) => deflateSync(text)),
  brotli: packed("br", (text) => brotliCompressSync(text)),
  "gzip in base64": (response) => response.end(gzipSync(`a ${canary} b`).toString("base64")),
  "JSON with escapes": (response) => response.end(`{"k":"${hex.replace(/../g, "\\u00$&")}"}`),
  "an error page": (response) =>
    response.writeHead(401).end(`<p>${canary.replaceAll("&", "&amp;")}`),
  "the trailer of its chunks": (response) => {
    response.writeHead(200, { trailer: "x-echo" });
    response.write("x");
    response.addTrailers({ "x-echo": canary });
    response.end();
  },
};
for (const [name, reply] of Object.entries(reflections)) {
  test(`a server that says the secret in ${name} does not say it to the guest`, async (t) => {
    const at = await secretNet(t, (request, response) => void reply(response, request));
    const door = at.openBound(header);
    const headers = { "x-key": await at.handle(door) };
    const answer = await door.request("fetch", { url: at.url, headers });
    t.ok(at.heard[0]?.includes(JSON.stringify(canary)), "it was sent");
    const told = JSON.stringify([answer, door.entries]);
    t.notOk(holds(told, needles), told);
    if (!/reason|trailer/.test(name)) t.match(told, "[redacted:key]");
  });
}

test("what a later request of the call is told is redacted, too", async (t) => {
  const at = await secretNet(t, (_, response) => response.end(`the last one sent ${canary}`));
  const door = at.openBound(header);
  const headers = { "x-key": await at.handle(door) };
  await door.request("fetch", { url: at.url, headers });
  const answer = await door.request("fetch", { url: at.url });
  t.equal(fetched(answer).body, "the last one sent [redacted:key]");
  t.equal(door.redact(`{"a":"${hex}"}`), '{"a":"[redacted:key]"}', "and so is the output");
  t.equal(fetched(await at.openBound(header).request("fetch", { url: at.url })).body.length, 41);
});

/** A server that answers `/start` with a redirect, and everything else with what it heard. */
async function redirecting(
  t: Parameters<typeof secretNet>[0],
  status: number,
  location: (port: number) => string,
): ReturnType<typeof secretNet> {
  const at = await secretNet(t, (request, response) => {
    if (request.url?.startsWith("/v1/start")) {
      response.writeHead(status, { location: location(at.port) }).end();
    } else response.end("arrived");
  });
  return at;
}

for (const status of [301, 302, 303, 307, 308]) {
  test(`a ${status} within the binding takes the secret along, as a decision of its own`, async (t) => {
    const at = await redirecting(t, status, () => "/v1/end");
    const door = at.openBound(header, { path: "/v1" });
    const headers = { "x-key": await at.handle(door) };
    await door.request("fetch", { url: `${at.url}/v1/start`, headers });
    t.strictSame(
      at.heard.map((heard) => heard.includes(JSON.stringify(canary))),
      [true, true],
    );
    t.strictSame(at.reads, ["key", "key"]);
  });

  test(`a ${status} out of the binding goes without the secret`, async (t) => {
    for (const place of [
      () => "/v2/end",
      () => "/v1/..%2fend",
      (port: number) => `http://other.test:${port}/v1/end`,
    ]) {
      const at = await redirecting(t, status, place);
      const door = at.openBound(header, { path: "/v1" });
      const handle = await at.handle(door);
      const request = { url: `${at.url}/v1/start`, headers: { "x-key": handle } };
      t.equal(await codeOf(door.request("fetch", request)), "done");
      t.strictSame(
        at.heard.map((heard) => heard.includes(JSON.stringify(canary))),
        [true, false],
      );
      t.notOk(at.heard[1]?.includes(handle), "nor with its handle");
      t.strictSame(at.reads, ["key"]);
      t.equal(door.entries.at(-1)?.secrets, undefined);
    }
  });
}

test("a redirect of a body with a secret out of the binding is refused", async (t) => {
  const at = await redirecting(t, 307, () => "/v2/end");
  const door = at.openBound({ json: "/key" }, { path: "/v1" });
  const body = JSON.stringify({ key: await at.handle(door) });
  const request = { url: `${at.url}/v1/start`, method: "POST", body };
  t.equal(await codeOf(door.request("fetch", request)), "EGRESS_DENIED");
  t.equal(at.seen.length, 1);
});

const carried: readonly ((port: number) => string)[] = [
  () => `/v1/end?echo=${encodeURIComponent(canary)}`,
  () => `/v1/${hex}`,
  (port) => `http://other.test:${port}/?${Buffer.from(canary).toString("base64url")}`,
];
for (const [index, location] of carried.entries()) {
  test(`a redirect with the secret in its address is not followed, way ${index + 1}`, async (t) => {
    const at = await redirecting(t, 302, location);
    const door = at.openBound(header);
    const headers = { "x-key": await at.handle(door) };
    const request = { url: `${at.url}/v1/start`, headers };
    t.equal(await codeOf(door.request("fetch", request)), "EGRESS_DENIED");
    t.equal(at.seen.length, 1);
    t.notOk(holds(JSON.stringify(door.entries), needles));
  });
}

test("a secret in the query is in no book and no answer, however far it leads", async (t) => {
  const at = await redirecting(t, 302, () => "/v1/end");
  const door = at.openBound({ query: "k" });
  const url = `${at.url}/v1/start?a=1&k=${await at.handle(door)}`;
  const answer = await door.request("fetch", { url });
  t.match(at.heard[0], new URLSearchParams({ k: canary }).toString());
  t.notOk(holds(at.heard[1] ?? "", needles), "a redirect names its own query");
  t.notOk(holds(JSON.stringify([answer, door.entries]), needles));
  t.equal(fetched(answer).url, `${at.url}/v1/end`);
  t.equal(door.entries[1]?.target, `${at.url}/v1/start?a=1`);
});
