import { join } from "node:path";
import { test } from "tap";
import { listRecords } from "../gateway/audit/read.ts";
import type { AuditRecord } from "../gateway/audit/record.ts";
import { createLog } from "../gateway/http/log.ts";
import { serve } from "../gateway/serve.ts";
import { limits } from "../manifests/limits.ts";
import { endless, openTestDoor, sendRaw, untilRunning } from "./support/test-door.ts";
import { openTestGateway } from "./support/test-gateway.ts";

const problemType = /^application\/problem\+json/;

test("a body that is not strict JSON is refused, whatever its disguise", async (t) => {
  const { agents, keys } = await openTestDoor(t);
  const tried: [string, string | Buffer][] = [
    ["nothing", ""],
    ["half", '{"principal":"ann"'],
    ["a duplicate key", '{"principal":"ann","principal":"root"}'],
    ["an unsafe number", '{"principal":"ann","seconds":9007199254740993}'],
    ["a lone surrogate", '{"principal":"\\ud800"}'],
    ["a comment", '{"principal":"ann"/**/}'],
    ["two documents", '{"principal":"ann"}{}'],
    ["a byte order mark", '\ufeff{"principal":"ann"}'],
    ["depth", `{"principal":${"[".repeat(50)}${"]".repeat(50)}}`],
    ["not UTF-8", Buffer.from([0x22, 0xff, 0x22])],
  ];
  for (const [what, text] of tried) {
    const reply = await agents("POST", "/v1/sessions", {
      token: keys.host,
      headers: { "content-type": "application/json" },
      text,
    });
    t.match(reply, { status: 400, body: { code: "JSON_INVALID" } }, what);
    t.match(reply.headers["content-type"], problemType);
  }
});

test("a body of the wrong form is refused, never coerced", async (t) => {
  const { agents, keys } = await openTestDoor(t);
  const bodies = [
    {},
    { principal: 7 },
    { principal: "ann", seconds: "60" },
    { principal: "ann", admin: true },
    { principal: "../ann" },
    [],
    null,
    "ann",
  ];
  for (const json of bodies) {
    const reply = await agents("POST", "/v1/sessions", { token: keys.host, json });
    t.match(reply, { status: 422, body: { code: "REQUEST_INVALID" } }, JSON.stringify(json));
  }
  const polluted = await agents("POST", "/v1/sessions", {
    token: keys.host,
    headers: { "content-type": "application/json" },
    text: '{"principal":"ann","__proto__":{"seconds":1}}',
  });
  t.match(polluted, { status: 422, body: { code: "REQUEST_INVALID" } });
});

test("a body of another media type, charset or encoding is refused", async (t) => {
  const { agents, keys } = await openTestDoor(t);
  const send = async (headers: Record<string, string>): Promise<number> => {
    const text = '{"principal":"ann"}';
    return (await agents("POST", "/v1/sessions", { token: keys.host, headers, text })).status;
  };
  t.equal(await send({}), 415);
  t.equal(await send({ "content-type": "text/plain" }), 415);
  t.equal(await send({ "content-type": "application/x-www-form-urlencoded" }), 415);
  t.equal(await send({ "content-type": "application/jsonp" }), 415);
  t.equal(await send({ "content-type": "application/json; charset=utf-16" }), 415);
  t.equal(await send({ "content-type": "application/json", "content-encoding": "gzip" }), 415);
  t.equal(await send({ "content-type": "Application/JSON; charset=UTF-8" }), 201);
});

test("a body is read up to its limit, and not a byte further", async (t) => {
  const { agents, keys } = await openTestDoor(t, { limits: { bodyBytes: 1_000 } });
  const headers = { "content-type": "application/json" };
  const sized = (bytes: number): string => '{"principal":"ann"}'.padEnd(bytes, " ");
  const send = async (text: string): Promise<unknown> =>
    (await agents("POST", "/v1/sessions", { token: keys.host, headers, text })).status;
  t.equal(await send(sized(1_000)), 201);
  t.equal(await send(sized(1_001)), 413);
  const chunked = await agents("POST", "/v1/sessions", {
    token: keys.host,
    headers: { ...headers, "transfer-encoding": "chunked" },
    text: sized(1_001),
  });
  t.match(chunked, { status: 413, body: { code: "BODY_TOO_BIG" } });
  const unasked = await agents("DELETE", "/v1/sessions/x/calls/y", {
    token: keys.agent,
    headers,
    text: sized(100),
  });
  t.match(unasked, { status: 413, body: { code: "BODY_TOO_BIG" } });
});

test("a request that does not arrive in time is refused, and its connection closed", async (t) => {
  const { served, keys } = await openTestDoor(t, { limits: { requestReceiveMs: 200 } });
  const head = `POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${keys.host}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n`;
  const [halfHead, halfBody] = await Promise.all([
    sendRaw(served.agentsUrl, head.slice(0, 60)),
    sendRaw(served.agentsUrl, `${head}{"princ`),
  ]);
  t.match(halfHead, /^HTTP\/1\.1 408 [\s\S]*"code":"REQUEST_TIMEOUT"/);
  t.match(halfBody, /^HTTP\/1\.1 408 [\s\S]*"code":"REQUEST_TIMEOUT"/);
});

test("malformed HTTP gets a problem document and no stack trace", async (t) => {
  const { served, agents } = await openTestDoor(t);
  const end = "Connection: close\r\n\r\n";
  const tried: [string, string, RegExp][] = [
    ["noise", "\u0016\u0003\u0001\r\n\r\n", /400 [\s\S]*HTTP_INVALID/],
    ["no host", `GET /healthz HTTP/1.1\r\n${end}`, /^HTTP\/1\.1 400 /],
    [
      "an old version without a host",
      `GET /healthz HTTP/1.0\r\n${end}`,
      /403 [\s\S]*ORIGIN_REFUSED/,
    ],
    [
      "two lengths",
      `POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n${end}{}`,
      /400 [\s\S]*HTTP_INVALID/,
    ],
    [
      "a length and chunks",
      `POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n${end}{}`,
      /400 [\s\S]*HTTP_INVALID/,
    ],
    [
      "two hosts",
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n${end}`,
      /400 [\s\S]*HTTP_INVALID/,
    ],
    [
      "two credentials",
      `GET /v1/tools HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n${end}`,
      /400 [\s\S]*HTTP_INVALID/,
    ],
    [
      "endless headers",
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(limits.headerBytes)}\r\n${end}`,
      /413 [\s\S]*BODY_TOO_BIG/,
    ],
    [
      "a broken escape in the path",
      `GET /v1/calls/%zz HTTP/1.1\r\nHost: localhost\r\n${end}`,
      /400 [\s\S]*HTTP_INVALID/,
    ],
  ];
  for (const [what, bytes, wanted] of tried) {
    const answer = await sendRaw(served.agentsUrl, bytes);
    t.match(answer, wanted, what);
    t.notMatch(answer, /\bat .*\.(?:ts|js)|node_modules|evil/, what);
  }
  t.match(await agents("GET", "/healthz"), { status: 200 }, "and it still serves");
});

test("a broken request behind one that still runs never gets its answer mixed up", async (t) => {
  const { served, open } = await openTestDoor(t);
  const session = await open();
  const body = JSON.stringify({ tool: "js.run", arguments: { code: endless } });
  const call = `POST /v1/sessions/${session.id}/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${session.token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  t.equal(await sendRaw(served.agentsUrl, `${call}NONSENSE\r\n\r\n`), "");
});

test("unknown routes, methods and over-long parameters are a problem document", async (t) => {
  const { agents, operators, keys } = await openTestDoor(t);
  const paths = ["/", "/v1", "/v1/sessions/../../etc/passwd", "/v1/sessions/a%2fb"];
  for (const path of paths) {
    const reply = await agents("GET", path, { token: keys.agent });
    t.match(reply, { status: 404, body: { code: "NOT_FOUND" } }, path.slice(0, 40));
    t.match(reply.headers["content-type"], problemType);
  }
  const long = await agents("GET", `/v1/calls/${"x".repeat(5_000)}`, { token: keys.agent });
  t.match(long, { status: 400, body: { code: "HTTP_INVALID" } });
  t.match(await agents("PUT", "/v1/sessions"), { status: 404, body: { code: "NOT_FOUND" } });
  t.match(await agents("GET", "/v1/freeze", { token: keys.operator }), { status: 404 });
  t.match(await operators("POST", "/v1/sessions", { token: keys.host }), { status: 404 });
});

test("only the listener's own names open it, and no page from elsewhere", async (t) => {
  const { agents, served } = await openTestDoor(t, {
    config: {
      listen: { agents: { port: 0 }, operators: { port: 0 }, names: ["ringward.example"] },
    },
  });
  const port = new URL(served.agentsUrl).port;
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await agents("GET", "/healthz", { headers })).status;
  const hosts = [
    "localhost",
    `localhost:${port}`,
    `127.0.0.1:${port}`,
    "[::1]:80",
    "RINGWARD.example",
  ];
  for (const host of hosts) t.equal(await status({ host }), 200, host);
  const foreign = [
    "evil.example",
    `evil.example:${port}`,
    "127.0.0.1.evil.example",
    "ringward.example.evil.example",
    "localhost@evil.example",
    "localhost.",
    "0.0.0.0",
    "127.0.0.1:80:80",
    "[::1",
  ];
  for (const host of foreign) t.equal(await status({ host }), 403, host);
  const host = `localhost:${port}`;
  t.equal(await status({ host, origin: `http://${host}` }), 200, "a page of the gateway's own");
  for (const origin of ["http://evil.example", "null", `https://${host}`, "http://localhost"]) {
    t.equal(await status({ host, origin }), 403, origin);
  }
});

test("too many requests of one credential are told when to come back; others are not held up", async (t) => {
  const { agents, keys, open } = await openTestDoor(t, { limits: { requestsPerMinute: 3 } });
  const session = await open();
  const list = async (token: string): Promise<number> =>
    (await agents("GET", `/v1/tools?session=${session.id}`, { token })).status;
  const statuses = [];
  for (let asked = 0; asked < 8; asked += 1) statuses.push(await list(keys.agent));
  // Eight within two windows of one minute: at most six pass, even if the window turned.
  t.ok(statuses.filter((status) => status === 429).length >= 2, statuses.join(" "));
  t.equal(await list(session.token), 200);
  const late = await agents("GET", `/v1/tools?session=${session.id}`, { token: keys.agent });
  if (late.status === 429) t.match(late.headers["retry-after"], /^[1-9]\d?$/);
});

test("failed logins are held back by address, and a good credential still passes", async (t) => {
  const { agents, keys, gateway } = await openTestDoor(t, { limits: { failedLoginsPerMinute: 3 } });
  const statuses = [];
  for (let tried = 0; tried < 8; tried += 1) {
    statuses.push((await agents("POST", "/v1/sessions", { token: `rw_host_${tried}` })).status);
  }
  t.ok(statuses.filter((status) => status === 429).length >= 2, statuses.join(" "));
  t.equal(statuses[0], 401);
  const json = { principal: "ann" };
  t.equal((await agents("POST", "/v1/sessions", { token: keys.host, json })).status, 201);
  t.ok(gateway);
});

test("behind a proxy, the address is what the proxy says, and only its last word", async (t) => {
  const { agents, served, folder } = await openTestDoor(t, { behindProxy: true });
  await agents("GET", "/v1/tools", { headers: { "x-forwarded-for": "198.51.100.7, 203.0.113.9" } });
  await agents("GET", "/v1/tools", { headers: { "x-forwarded-for": "nonsense\u00a0here" } });
  await served.close();
  const text = JSON.stringify(await doorRecords(folder));
  t.match(text, '"address":"203.0.113.9"');
  t.notMatch(text, /198\.51|nonsense/);
});

test("refusals at the door come into the record as one event", async (t) => {
  const { agents, served, folder } = await openTestDoor(t);
  for (let tried = 0; tried < 20; tried += 1) await agents("GET", "/v1/tools", { token: "x" });
  await agents("GET", "/nowhere");
  await served.close();
  const records = await doorRecords(folder);
  t.equal(records.length, 1);
  t.match(records[0]?.details, {
    refusals: [
      { code: "UNAUTHENTICATED", address: "127.0.0.1", count: 20 },
      { code: "NOT_FOUND", address: "127.0.0.1", count: 1 },
    ],
  });
});

async function doorRecords(folder: string): Promise<readonly AuditRecord[]> {
  const records = await listRecords(join(folder, "state"), {});
  return records.filter(({ kind }) => kind === "event.door");
}

test("a listener that could be reached from elsewhere in the clear does not open", async (t) => {
  const log = createLog({ level: "silent", write: () => {} });
  const listen = { agents: { host: "0.0.0.0", port: 0 }, operators: { port: 0 } };
  const { gateway } = await openTestGateway(t, { listen });
  await t.rejects(serve(gateway, { log, behindProxy: false }), /without TLS .*--behind-proxy/);
  const served = await serve(gateway, { log, behindProxy: true });
  await served.close();
});

test("closing ends calls in flight, answers them, and lets nobody in", async (t) => {
  const { agents, gateway, open, served } = await openTestDoor(t);
  const session = await open();
  const json = { tool: "js.run", arguments: { code: endless } };
  const path = `/v1/sessions/${session.id}/calls`;
  const running = agents("POST", path, { token: session.token, json });
  await untilRunning(gateway, session.id);
  await served.close();
  t.match(await running, { status: 409, body: { code: "CANCELLED" } });
  await t.rejects(agents("GET", "/healthz"));
});
