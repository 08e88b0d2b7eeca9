import { hash } from "node:crypto";
import { createServer as createTcpServer, type Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { type Test, test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { fetched, listen, net } from "./broker-fetch-fixtures.ts";
import { codeOf } from "./broker-fixtures.ts";

const redirects: readonly [string, (at: { port: number }) => string, string][] = [
  ["a path of the same origin", () => "/end", "done"],
  ["a private address", () => "http://169.254.169.254/", "EGRESS_DENIED"],
  ["another host", ({ port }) => `http://other.test:${port}/end`, "EGRESS_DENIED"],
  ["another port", () => "http://tool.test:1/end", "EGRESS_DENIED"],
  ["another scheme", () => "file:///etc/passwd", "EGRESS_DENIED"],
  ["no scheme but another host", ({ port }) => `//other.test:${port}/end`, "EGRESS_DENIED"],
  ["a user of the same origin", ({ port }) => `http://user@tool.test:${port}/end`, "EGRESS_DENIED"],
  ["itself", () => "/start", "EGRESS_FAILED"],
];
for (const [name, location, code] of redirects) {
  test(`a redirect to ${name} ends as ${code}`, async (t) => {
    const at = await net(t, (request, response) => {
      if (request.url === "/end") response.end("arrived");
      else response.writeHead(302, { location: location(at) }).end();
    });
    const door = at.open();
    t.equal(await codeOf(door.request("fetch", { url: `${at.url}/start` })), code);
    t.ok(at.seen.length <= limits.fetchRedirects + 1);
    t.equal(door.entries.at(-1)?.code ?? "done", code);
  });
}

test("a redirect to another origin that is granted takes along neither secrets nor a body", async (t) => {
  const heard: string[] = [];
  const at = await net(t, (request, response) => {
    heard.push(JSON.stringify(request.headers));
    if (request.url === "/307") response.writeHead(307, { location: `${other}/end` }).end();
    else if (request.url === "/302") response.writeHead(302, { location: `${other}/end` }).end();
    else response.end("arrived");
  });
  const other = `http://tool.test:${await listen(
    t,
    (await import("node:http")).createServer((request, response) => {
      heard.push(JSON.stringify(request.headers));
      response.end("other");
    }),
  )}`;
  const door = at.open({ ports: [at.port, Number(new URL(other).port)] });
  const headers = {
    authorization: "Bearer canary",
    cookie: "canary",
    "x-key": "canary",
    accept: "text/plain",
  };
  const answer = await door.request("fetch", { url: `${at.url}/302`, headers });
  t.equal(fetched(answer).body, "other");
  t.match(heard[0], "canary");
  t.notMatch(heard[1], "canary");
  t.match(heard[1], "text/plain");
  const body = { url: `${at.url}/307`, method: "POST", body: "canary" };
  t.equal(await codeOf(door.request("fetch", body)), "EGRESS_DENIED");
  t.equal(heard.length, 3);
});

test("a 303 turns a POST into a GET without a body", async (t) => {
  const at = await net(t, (request, response) => {
    if (request.url === "/") response.writeHead(303, { location: "/end" }).end();
    else response.end(String(request.headers["content-length"]));
  });
  const answer = await at.open().request("fetch", { url: at.url, method: "POST", body: "x" });
  t.equal(fetched(answer).body, "undefined");
  t.strictSame(
    at.seen.map((line) => line.split(" ")[0]),
    ["POST", "GET"],
  );
});

const headers: readonly Record<string, string>[] = [
  { "x-a": "b\r\nhost: evil" },
  { "x-a\r\nhost": "evil" },
  { "x-a": "b\u0000" },
  { "x-a": "é" },
  { host: "other.test" },
  { Host: "other.test" },
  { "content-length": "0" },
  { "transfer-encoding": "chunked" },
  { connection: "keep-alive" },
  { upgrade: "websocket" },
  { "proxy-authorization": "x" },
  { "x-forwarded-for": "127.0.0.1" },
  { "x-http-method-override": "DELETE" },
  { "x-original-url": "/admin" },
  { a: "1", A: "2" },
  { "": "x" },
  { "x-a": "x".repeat(limits.fetchHeaderBytes) },
];
for (const sent of headers) {
  test(`refuses the headers ${JSON.stringify(sent).slice(0, 60)}`, async (t) => {
    const at = await net(t, (_, response) => response.end("reached"));
    t.equal(
      await codeOf(at.open().request("fetch", { url: at.url, headers: sent })),
      "EGRESS_DENIED",
    );
    t.strictSame(at.seen, []);
  });
}

test("refuses a body that is too large, or has no place", async (t) => {
  const at = await net(t, (_, response) => response.end("x"));
  const door = at.open();
  const most = "x".repeat(limits.fetchRequestBytes);
  t.equal(await codeOf(door.request("fetch", { url: at.url, method: "POST", body: most })), "done");
  t.equal(
    await codeOf(door.request("fetch", { url: at.url, method: "POST", body: `${most}x` })),
    "EGRESS_DENIED",
  );
  t.equal(
    await codeOf(door.request("fetch", { url: at.url, method: "GET", body: "x" })),
    "EGRESS_DENIED",
  );
});

const zeros = Buffer.alloc(limits.fetchBytes);
const smallest = limits.inflateRatioFromBytes;
/** Long runs after a few characters that do not compress: the more of those, the lower the ratio. */
const runs = (hashes: number): string =>
  Array.from({ length: 40 }, (_, line) => {
    const noise = Array.from({ length: hashes }, (_, n) => hash("sha256", `${line} ${n}`)).join("");
    return noise + "a".repeat(20_000);
  }).join("");
/** Packed they are half of what they are. */
const digits = (count: number): string =>
  Array.from({ length: count / 64 + 1 }, (_, n) => hash("sha256", `${n}`))
    .join("")
    .slice(0, count);
/** Little to unpack, and more on the wire than an answer may be. */
const nothing = gzipSync("");
const nothings = Buffer.concat(
  Array.from({ length: limits.fetchBytes / nothing.length + 1 }, () => nothing),
);
const packed: readonly [string, string, Buffer, string][] = [
  ["gzip", "gzip", gzipSync("plain"), "done"],
  ["deflate", "deflate", deflateSync("plain"), "done"],
  ["brotli", "br", brotliCompressSync("plain"), "done"],
  ["a gzip bomb within the size", "gzip", gzipSync(zeros), "EGRESS_FAILED"],
  ["a gzip bomb beyond the size", "gzip", gzipSync(Buffer.alloc(50_000_000)), "EGRESS_FAILED"],
  ["gzip, to half of the ratio that makes a bomb", "gzip", gzipSync(runs(10)), "done"],
  ["gzip, to three times that ratio", "gzip", gzipSync(runs(1)), "EGRESS_FAILED"],
  ["gzip, small enough for any ratio", "gzip", gzipSync(zeros.subarray(0, smallest)), "done"],
  ["gzip, a byte above that", "gzip", gzipSync(zeros.subarray(0, smallest + 1)), "EGRESS_FAILED"],
  ["gzip, no bomb, up to the size", "gzip", gzipSync(digits(limits.fetchBytes)), "done"],
  ["gzip, no bomb, a byte more", "gzip", gzipSync(digits(limits.fetchBytes + 1)), "EGRESS_FAILED"],
  ["a brotli bomb", "br", brotliCompressSync(zeros), "EGRESS_FAILED"],
  ["a packing inside a packing", "gzip, gzip", gzipSync(gzipSync("plain")), "EGRESS_FAILED"],
  ["an unknown packing", "zstd", Buffer.from("plain"), "EGRESS_FAILED"],
  ["gzip of nothing, again and again", "gzip", nothings, "EGRESS_FAILED"],
  ["half a packing", "gzip", gzipSync("plain").subarray(0, 12), "EGRESS_FAILED"],
  ["a packing that is none", "gzip", Buffer.from("plain"), "EGRESS_FAILED"],
];
for (const [name, encoding, body, code] of packed) {
  test(`an answer in ${name} ends as ${code}`, async (t) => {
    const at = await net(t, (_, response) =>
      response.setHeader("content-encoding", encoding).end(body),
    );
    const door = at.open();
    t.equal(await codeOf(door.request("fetch", { url: at.url })), code);
    t.equal(await codeOf(door.request("fetch", { url: at.url, method: "HEAD" })), "done");
  });
}

test("reads an answer up to the limit, and not a byte more", async (t) => {
  const at = await net(t, (request, response) => {
    response.end(Buffer.alloc(limits.fetchBytes + (request.url === "/more" ? 1 : 0), "x"));
  });
  t.equal(await codeOf(at.open().request("fetch", { url: `${at.url}/most` })), "done");
  t.equal(await codeOf(at.open().request("fetch", { url: `${at.url}/more` })), "EGRESS_FAILED");
});

/** A server that says just these bytes, and goes on as `then` says. */
async function raw(t: Test, speak: (socket: Socket) => void): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => speak(socket));
    t.teardown(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  return `http://tool.test:${port}/`;
}

const ok = "HTTP/1.1 200 OK\r\n";
const hint = "HTTP/1.1 103 Early Hints\r\n\r\n";
const wrong: readonly [string, string][] = [
  ["no HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
  ["HTTP/0.9", "<html>"],
  ["headers that are too large", `${ok}x: ${"y".repeat(limits.fetchHeaderBytes)}\r\n\r\n`],
  ["two lengths", `${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nxy`],
  [
    "a length and chunks",
    `${ok}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
  ],
  ["a chunk of a wild size", `${ok}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n`],
  ["less than it promises", `${ok}content-length: 100\r\n\r\nxy`],
  [
    "another protocol",
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
  ],
  [
    "more interim answers than the limit",
    `${hint.repeat(limits.fetchInterims + 1)}${ok}content-length: 1\r\n\r\nx`,
  ],
];
for (const [name, bytes] of wrong) {
  test(`an answer with ${name} ends as EGRESS_FAILED`, async (t) => {
    const url = await raw(t, (socket) => socket.end(bytes));
    const at = await net(t, () => {});
    const door = at.open({ ports: [Number(new URL(url).port)] });
    t.equal(await codeOf(door.request("fetch", { url })), "EGRESS_FAILED");
  });
}

test("as many interim answers as the limit are passed over", async (t) => {
  const bytes = `${hint.repeat(limits.fetchInterims)}${ok}content-length: 1\r\n\r\nx`;
  const url = await raw(t, (socket) => socket.end(bytes));
  const at = await net(t, () => {});
  const door = at.open({ ports: [Number(new URL(url).port)] });
  t.equal(await codeOf(door.request("fetch", { url })), "done");
});

const endless: readonly [string, (socket: Socket) => void][] = [
  ["never begins", () => {}],
  ["never ends its headers", (socket) => socket.write(`${ok}x: `)],
  ["never ends its body", (socket) => socket.write(`${ok}\r\nx`)],
];
for (const [name, speak] of endless) {
  test(`an answer that ${name} is under way no more when the call is closed`, async (t) => {
    const url = await raw(t, speak);
    const at = await net(t, () => {});
    const stop = new AbortController();
    const door = at.open({ ports: [Number(new URL(url).port)] }, stop.signal);
    const asked = codeOf(door.request("fetch", { url }));
    setTimeout(() => stop.abort(), 50);
    t.equal(await asked, "CANCELLED");
    await door.close();
    t.match(door.entries, [{ code: "CANCELLED" }]);
    t.equal(await codeOf(door.request("fetch", { url })), "CANCELLED");
  });
}

test("a request that takes longer than it may is given up", async (t) => {
  const url = await raw(t, () => {});
  const at = await net(t, () => {});
  const asked: number[] = [];
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  const soon = (ms: number): AbortSignal => {
    asked.push(ms);
    return timeout(Math.min(ms, 50));
  };
  t.intercept(AbortSignal, "timeout", { value: soon, configurable: true });
  const door = at.open({ ports: [Number(new URL(url).port)] });
  await t.rejects(door.request("fetch", { url }), {
    code: "EGRESS_FAILED",
    message: "the request took too long",
  });
  t.strictSame(asked, [limits.fetchMs]);
});

test("an endless body ends at the limit", async (t) => {
  const url = await raw(t, (socket) => {
    socket.write(`${ok}\r\n`);
    const flood = (): void => {
      while (socket.writable && socket.write(Buffer.alloc(65_536)));
    };
    socket.on("drain", flood);
    flood();
  });
  const at = await net(t, () => {});
  const door = at.open({ ports: [Number(new URL(url).port)] });
  t.equal(await codeOf(door.request("fetch", { url })), "EGRESS_FAILED");
  t.ok((door.entries[0]?.bytes ?? 0) <= limits.fetchBytes + 65_536);
});

test("a server that is not there ends as EGRESS_FAILED, without a path of ours", async (t) => {
  const at = await net(t, () => {});
  const door = at.open({ ports: [1] });
  await t.rejects(door.request("fetch", { url: "http://tool.test:1/" }), {
    code: "EGRESS_FAILED",
    message: "the request failed (ECONNREFUSED)",
  });
});
