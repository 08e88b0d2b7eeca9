import { EventEmitter } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Test, test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { BrokerDoor } from "../../sandbox/broker/broker.ts";
import { createEgressProxy } from "../../sandbox/broker/proxy/create-egress-proxy.ts";
import { net } from "./broker-fetch-fixtures.ts";
import { secretNet } from "./broker-secrets-fixtures.ts";
import {
  ask,
  closed,
  codeOfTold,
  credentialLine,
  head,
  Line,
  place,
  plain,
  statusOf,
  testProxy,
  tunnelled,
  wayOut,
} from "./proxy-fixtures.ts";
import { helloFor } from "./proxy-hello.ts";
import { connectLines, far, yes } from "./proxy-tunnel-fixtures.ts";

// Ring 8, the broker: rules of the way out that are seen at a door of the test's own.

interface Way {
  readonly path: string;
  readonly credential: string;
  readonly bugs: unknown[];
  readonly asked: string[];
  close(): Promise<void>;
}

/** A way out to a door that does what the test gives. */
async function wayTo(t: Test, door: Partial<BrokerDoor>): Promise<Way> {
  const folder = mkdtempSync(join(tmpdir(), "ringward-proxy-"));
  const bugs: unknown[] = [];
  const asked: string[] = [];
  const proxy = createEgressProxy({ folder, onBug: (error) => bugs.push(error) });
  t.teardown(async () => {
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const socket = await proxy.open("0".repeat(32));
  const request = async (name: string): Promise<null> => {
    asked.push(name);
    return null;
  };
  const pass = (): Promise<never> => Promise.reject(new Refusal("EGRESS_DENIED"));
  const whole = { request, pass, signal: new AbortController().signal, ...door };
  const credential = socket.admit(whole as unknown as BrokerDoor);
  return {
    path: join(socket.folder, "proxy.sock"),
    credential,
    bugs,
    asked,
    close: () => socket.close(),
  };
}

test("a bug of ours tells a program nothing, and is told to whoever runs the gateway", async (t) => {
  const bug = new TypeError("cannot read /etc/ringward/key");
  const way = await wayTo(t, { request: () => Promise.reject(bug) });
  const told = await ask(way, { target: "/host/fetch", method: "POST", body: "{}" });
  t.equal(codeOfTold(told), "INTERNAL");
  t.notMatch(told.body, /ringward\/key/);
  t.strictSame(way.bugs, [bug]);
});

test("what a tool asks its host is strict JSON, in a POST, and so long", async (t) => {
  const way = await wayTo(t, {});
  const target = "/host/fetch";
  for (const body of [
    '{"a":1,"a":2}',
    '{"a":1}x',
    '"\\ud800"',
    "",
    "x".repeat(limits.frameBytes),
  ]) {
    const told = await ask(way, { target, method: "POST", body });
    t.match(told.status, /^4/, body.slice(0, 20));
  }
  const large = "x".repeat(limits.frameBytes + 1);
  t.equal(codeOfTold(await ask(way, { target, method: "POST", body: large })), "EGRESS_DENIED");
  for (const method of ["PUT", "PATCH"]) await ask(way, { target, method, body: "{}" });
  t.strictSame(way.asked, []);
  await ask(way, { target, method: "POST", body: "{}" });
  t.strictSame(way.asked, ["fetch"]);
});

test("whoever is not let in is told how to be, once", async (t) => {
  const way = await wayTo(t, {});
  const stranger = { ...way, credential: "x".repeat(43) };
  const told = await ask(stranger, { target: "/host/fetch", method: "POST", body: "{}" });
  t.equal(told.status, 407);
  t.equal(told.headers["proxy-authenticate"], 'Basic realm="call"');
  const lines = `GET http://tool.test/ HTTP/1.1\r\nHost: tool.test\r\n${credentialLine(stranger)}\r\n\r\n`;
  t.match(statusOf(await new Line(t, way.path).say(lines).all()), "407", "and it ends there");
});

test("a connection on which a body is still to come does not go on with it", async (t) => {
  const way = await wayTo(t, {});
  const lines = `POST http://tool.test/ HTTP/1.1\r\nHost: tool.test\r\n${credentialLine(way)}\r\n`;
  const line = new Line(t, way.path).say(`${lines}Content-Length: 100\r\n\r\nx`);
  const told = await line.all();
  t.match(statusOf(told), "403");
  t.match(told, /^connection: close/im);
});

test("attack: bytes that are no request behind one that was answered", async (t) => {
  const here = await place(t);
  const line = new Line(t, here.way.path).say(`${head(here)}\r\n`);
  await line.hear("reached");
  const told = await line.say("GET \0 HTTP/1.1\r\n\r\n").all();
  t.equal(told.split("HTTP/1.1 ").length, 2, "nothing more is said that could be an answer");
});

test("who says nothing more behind an answer is left", async (t) => {
  t.intercept(containerLimits, "egressIdleMs", { value: 50 as never });
  const here = await place(t);
  const line = new Line(t, here.way.path).say(`${head(here)}\r\n`);
  t.match(await line.all(), /reached/);
});

test("a way out is everybody's who has its folder, whatever mask the gateway has", async (t) => {
  const mask = process.umask(0o077);
  t.teardown(() => process.umask(mask));
  const { folder } = await testProxy(t).open("1".repeat(32));
  process.umask(mask);
  t.equal(statSync(folder).mode & 0o777, 0o755);
  t.equal(statSync(join(folder, "proxy.sock")).mode & 0o777, 0o666);
});

test("what is left is looked for once, before the first way out", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ringward-proxy-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const proxy = createEgressProxy({ folder, onBug: () => undefined });
  t.teardown(() => proxy.close());
  await proxy.open("1".repeat(32));
  mkdirSync(join(folder, "3".repeat(32)));
  await proxy.open("2".repeat(32));
  t.equal(
    readdirSync(folder).length,
    3,
    "one that is being opened is not taken for one that is left",
  );
});

test("a way out that closes waits for what is still under way", async (t) => {
  const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const pass = (): Promise<void> => {
    begun.resolve();
    return over.promise;
  };
  const way = await wayTo(t, { pass });
  const lines = `GET http://tool.test/ HTTP/1.1\r\nHost: tool.test\r\n${credentialLine(way)}\r\n\r\n`;
  new Line(t, way.path).say(lines);
  await begun.promise;
  let isClosed = false;
  const closing = way.close().then(() => {
    isClosed = true;
  });
  await sleep(100);
  t.notOk(isClosed);
  over.resolve();
  await closing;
});

test("a way out that closes ends what goes through", async (t) => {
  for (const name of ["egressIdleMs", "egressMs"] as const) {
    t.intercept(containerLimits, name, { value: (2 ** 30) as never });
  }
  const hanging = new EventEmitter();
  const at = await net(t, () => hanging.emit("asked"));
  const asked = new Promise((resolve) => hanging.once("asked", resolve));
  const way = await wayOut(t, { net: [plain(at.port)] });
  const line = new Line(t, way.path).say(`${head({ at, way })}\r\n`);
  await asked;
  await way.socket.close();
  t.match(way.door.entries, [{ code: "EGRESS_FAILED" }]);
  await closed(line.socket);
});

test("a hello that comes along with its CONNECT is the tunnel's first words", async (t) => {
  const { port, heard } = await far(t, (socket) => socket.write("welcome"));
  const way = await wayOut(t, { net: [tunnelled(port)] });
  const hello = helloFor("tool.test");
  const both = Buffer.concat([Buffer.from(connectLines(way, `tool.test:${port}`)), hello]);
  const line = new Line(t, way.path).say(both);
  await line.hear(`${yes}welcome`);
  t.ok(Buffer.concat(heard).equals(hello));
  await way.door.close();
  t.match(way.door.entries, [{ bytes: hello.length + "welcome".length }], "all of it counts");
});

test("a tunnel to a host that does not answer has failed, and nothing else", async (t) => {
  const { port } = await far(t);
  const closedPort = port === 65_535 ? port - 1 : 1;
  const way = await wayOut(t, { net: [tunnelled(closedPort)] });
  const line = new Line(t, way.path).say(connectLines(way, `tool.test:${closedPort}`));
  await line.hear(yes);
  await line.say(helloFor("tool.test")).all();
  t.match(way.door.entries, [{ action: "CONNECT", code: "EGRESS_FAILED" }]);
});

test("a program that asks for no packing gets none, and its chunks arrive", async (t) => {
  const bodies: string[] = [];
  const packings: unknown[] = [];
  const at = await net(t, (request, response) => {
    packings.push(request.headers["accept-encoding"]);
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      bodies.push(body);
      response.end("reached");
    });
  });
  const way = await wayOut(t, { net: [plain(at.port)] });
  const chunked = "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  const lines = `${head({ at, way }).replace("GET", "POST")}Trailer: x\r\nKeep-Alive: 5\r\n`;
  t.match(await new Line(t, way.path).say(`${lines}${chunked}`).all(), /reached/);
  t.strictSame(bodies, ["abc"]);
  t.strictSame(packings, ["identity"]);
});

test("what a call with secrets sends is so long, and takes so long", async (t) => {
  t.intercept(limits, "fetchMs", { value: 50 as never });
  const at = await secretNet(t, () => undefined);
  const door = at.openBound({ header: "authorization", prefix: "Bearer " });
  t.teardown(() => door.close());
  const socket = await testProxy(t).open("0".repeat(32));
  const way = { path: join(socket.folder, "proxy.sock"), credential: socket.admit(door) };
  const body = "x".repeat(limits.fetchRequestBytes + 1);
  const large = await ask(way, { target: at.url, method: "POST", body });
  t.equal(codeOfTold(large), "EGRESS_DENIED");
  t.strictSame(at.heard, []);
  t.equal(codeOfTold(await ask(way, { target: at.url })), "EGRESS_FAILED");
  const targets = door.entries.map(({ target }) => target);
  t.equal(targets[1], `${at.url}/`, "booked as it was judged");
});
