import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { limits } from "../../manifests/limits.ts";
import { createEgressProxy } from "../../sandbox/broker/proxy/create-egress-proxy.ts";
import { net } from "./broker-fetch-fixtures.ts";
import { titleOf } from "./catalogue.ts";
import { firstWords, wrongCredentials } from "./proxy-calls-attacks.ts";
import {
  admitted,
  ask,
  closed,
  codeOfTold,
  credentialLine,
  exchangeBytes,
  head,
  Line,
  place,
  plain,
  statusOf,
  testProxy,
  wayOut,
} from "./proxy-fixtures.ts";

// Ring 8, the broker: a way out is one call's, and ends with it.

for (const [name, lines] of Object.entries(wrongCredentials)) {
  test(`${titleOf("N10")}: who says ${name} for a credential`, async (t) => {
    const { at, way } = await place(t);
    const rest = ["Connection: close", ...lines(way)].join("\r\n");
    for (const first of firstWords(at.port)) {
      const bytes = `${first} HTTP/1.1\r\nHost: tool.test:${at.port}\r\n${rest}\r\n\r\n`;
      const told = await exchangeBytes(t, way.path, bytes);
      t.equal(statusOf(told), "407", told);
      t.match(told.toLowerCase(), "proxy-authenticate: basic");
    }
    t.strictSame([at.seen, way.door.entries], [[], []]);
  });
}

test(`${titleOf("N10")}: the right credential and another one behind it`, async (t) => {
  const here = await place(t);
  const bytes = `${head(here)}${credentialLine({ credential: "x" })}\r\nConnection: close\r\n\r\n`;
  t.equal(statusOf(await exchangeBytes(t, here.way.path, bytes)), "403");
  t.strictSame(here.at.seen, []);
});

test(`${titleOf("N10")}: a connection from before the call`, async (t) => {
  const at = await net(t, (_, response) => response.end("reached"));
  const socket = await testProxy(t).open("0".repeat(32));
  const early = new Line(t, `${socket.folder}/proxy.sock`);
  await closed(early.socket);
  const way = admitted(t, socket, { net: [plain(at.port)] });
  t.equal((await ask(way, { target: at.url })).body, "reached");
});

test(`${titleOf("N10")}: a connection, a credential and a request of a call that is over`, async (t) => {
  let asked = (): void => undefined;
  const hangs = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const at = await net(t, (request, response) => {
    if (request.url === "/hang") asked();
    else response.end("reached");
  });
  const way = await wayOut(t, { net: [plain(at.port)] });
  const here = { at, way };
  const kept = new Line(t, way.path).say(`${head(here)}\r\n`);
  await kept.hear("reached");
  const hanging = new Line(t, way.path).say(`${head(here, `${at.url}/hang`)}\r\n`);
  await hangs;
  await way.door.close();
  t.match(way.door.entries.at(-1), { code: "CANCELLED" });
  t.equal(await hanging.all(), "", "what was under way has ended");
  await kept.all();
  const late = connect(way.path);
  late.on("error", () => undefined).write(`${head(here)}\r\n`);
  await closed(late);
  t.equal(late.bytesRead, 0);
  const next = admitted(t, way.socket, { net: [plain(at.port)] });
  t.not(next.credential, way.credential);
  t.equal(
    statusOf(await exchangeBytes(t, way.path, `${head(here)}\r\n`)),
    "407",
    "of the call before",
  );
  t.equal((await ask(next, { target: at.url })).body, "reached");
  t.equal(at.seen.length, 3);
});

test("one call has a way out to itself, and one that is over is let in nowhere", async (t) => {
  const { way } = await place(t);
  t.throws(() => way.socket.admit(way.door), /to itself/);
  await way.door.close();
  way.socket.admit(way.door);
  const late = connect(way.path);
  late.on("error", () => undefined);
  await closed(late);
});

test("a sandbox's socket is everybody's who has its folder, and nobody else comes to it", async (t) => {
  const proxy = testProxy(t);
  const [one, other] = await Promise.all(["1", "2"].map((digit) => proxy.open(digit.repeat(32))));
  const modeOf = (path: string): number => statSync(path).mode & 0o777;
  t.not(one?.folder, other?.folder);
  t.equal(modeOf(one?.folder ?? ""), 0o755);
  t.equal(modeOf(`${one?.folder}/proxy.sock`), 0o666);
  t.equal(modeOf(dirname(one?.folder ?? "")), 0o700);
  await one?.close();
  t.throws(() => statSync(one?.folder ?? ""), { code: "ENOENT" });
  for (const slot of ["../outside", "1", "1".repeat(33), "A".repeat(32), `${"1".repeat(32)}/x`]) {
    await t.rejects(proxy.open(slot), { message: /is no slot/ }, slot);
  }
  await t.rejects(proxy.open("2".repeat(32)), { code: "EEXIST" });
});

test("what a gateway has left is removed before the first socket, and nothing else is", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ringward-proxy-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "1".repeat(32)));
  writeFileSync(join(folder, "notes.txt"), "mine");
  const proxy = createEgressProxy({ folder, onBug: (error) => void t.fail(String(error)) });
  await Promise.all(["1", "2"].map((digit) => proxy.open(digit.repeat(32))));
  t.equal(statSync(folder).mode & 0o777, 0o700);
  await proxy.close();
  t.strictSame(readdirSync(folder), ["notes.txt"]);
});

test("sockets of a gateway that lives beside another one stay", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ringward-proxy-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const onBug = (error: unknown): void => void t.fail(String(error));
  const [one, other] = [createEgressProxy({ folder, onBug }), createEgressProxy({ folder, onBug })];
  await one.open("1".repeat(32));
  await other.open("2".repeat(32));
  t.strictSame(readdirSync(join(folder, "1".repeat(32))), ["proxy.sock"]);
  await Promise.all([one.close(), other.close()]);
  t.strictSame(readdirSync(folder), []);
});

test("a way out that cannot be opened says why, and leaves nothing", async (t) => {
  const base = mkdtempSync(join(tmpdir(), "ringward-proxy-"));
  t.teardown(() => rmSync(base, { recursive: true, force: true }));
  // No socket has so long a path.
  const folder = join(base, "x".repeat(100));
  const proxy = createEgressProxy({ folder, onBug: (error) => void t.fail(String(error)) });
  await t.rejects(proxy.open("1".repeat(32)), { code: "EINVAL" });
  t.strictSame(readdirSync(folder), []);
});

test(`${titleOf("N10")}: the credential of one sandbox at the socket of another`, async (t) => {
  const at = await net(t, (_, response) => response.end("reached"));
  const proxy = testProxy(t);
  const wanted = { net: [plain(at.port)] };
  const one = admitted(t, await proxy.open("1".repeat(32)), wanted);
  const other = admitted(t, await proxy.open("2".repeat(32)), { net: [] });
  const { status } = await ask(
    { path: other.path, credential: one.credential },
    { target: at.url },
  );
  t.equal(status, 407);
  t.equal(codeOfTold(await ask(other, { target: at.url })), "EGRESS_DENIED");
  t.strictSame(at.seen, []);
});

test(`${titleOf("N20")}: connections`, async (t) => {
  const here = await place(t);
  const lines = Array.from(
    { length: containerLimits.proxyConnections },
    () => new Line(t, here.way.path),
  );
  await Promise.all(lines.map(({ socket }) => once(socket, "connect")));
  const many = new Line(t, here.way.path).say(`${head(here)}\r\n`);
  t.equal(await many.all(), "");
  t.strictSame(here.at.seen, []);
  const [first, ...rest] = lines;
  first?.say(`${head(here)}\r\n`);
  await first?.hear("reached");
  for (const { socket } of rest) socket.destroy();
});

test(`${titleOf("N20")}: requests of a call, whichever door they come to`, async (t) => {
  const { at, way } = await place(t);
  for (let count = 0; count < limits.hostCallsPerCall; count += 2) {
    t.equal((await ask(way, { target: at.url })).body, "reached");
    await way.door.request("fetch", { url: at.url });
  }
  t.equal(codeOfTold(await ask(way, { target: at.url })), "HOSTCALL_LIMIT");
  await t.rejects(way.door.request("fetch", { url: at.url }), { code: "HOSTCALL_LIMIT" });
  const tunnel = `CONNECT tool.test:443 HTTP/1.1\r\nHost: tool.test\r\n${credentialLine(way)}\r\n\r\n`;
  t.match(await exchangeBytes(t, way.path, tunnel), "HOSTCALL_LIMIT");
  t.equal(at.seen.length, limits.hostCallsPerCall);
  t.equal(way.door.entries.length, limits.hostCallsPerCall, "the book has an end, too");
});
