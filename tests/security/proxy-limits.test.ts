import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { type Test, test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { titleOf } from "./catalogue.ts";
import {
  ask,
  codeOfTold,
  credentialLine,
  Line,
  lower,
  plain,
  statusOf,
  tunnelled,
  type Way,
  wayOut,
} from "./proxy-fixtures.ts";
import { helloFor } from "./proxy-hello.ts";
import {
  cutAnswers,
  headFor,
  ok,
  slowRequests,
  slowServers,
  wrongAnswers,
} from "./proxy-limits-attacks.ts";
import { far, tunnel } from "./proxy-tunnel-fixtures.ts";

// Ring 8, the broker: nobody on either side can hold on to anything for long, or send without end.

async function asking(t: Test, serve: (socket: Socket) => void): Promise<[Way, string]> {
  const { port } = await far(t, (socket) => socket.once("data", () => serve(socket)));
  return [await wayOut(t, { net: [plain(port)] }), `http://tool.test:${port}/`];
}

/** Waits until so many lines are in the book. */
async function booked({ door }: Way, count = 1): Promise<void> {
  while (door.entries.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
}

for (const [name, bytes] of Object.entries(slowRequests)) {
  test(`${titleOf("N17")}: ${name}`, async (t) => {
    lower(t, { helloMs: 50 });
    const [way, target] = await asking(t, () => undefined);
    const told = await new Line(t, way.path).say(bytes(way, target)).all();
    t.match(statusOf(told), /400|nothing/);
    t.strictSame(way.door.entries, []);
  });
}

for (const [name, serve] of Object.entries(slowServers)) {
  test(`${titleOf("N17")}: ${name}`, async (t) => {
    lower(t, { egressIdleMs: 50 });
    const [way, target] = await asking(t, serve);
    const told = await new Line(t, way.path)
      .say(`${headFor(way, target)}Connection: close\r\n\r\n`)
      .all();
    t.match(statusOf(told), name.includes("body") ? "200" : "502");
    t.notMatch(told, /0\r\n\r\n$/, "half an answer does not look whole");
    t.match(way.door.entries, [{ code: "EGRESS_FAILED" }]);
  });
}

test(`${titleOf("N17")}: a program that never ends its body`, async (t) => {
  lower(t, { egressIdleMs: 50 });
  const [way, target] = await asking(t, () => undefined);
  const line = new Line(t, way.path);
  line.say(`${headFor(way, target, "POST")}Content-Length: 10\r\n\r\nx`);
  await line.all();
  t.match(way.door.entries, [{ code: "EGRESS_FAILED" }]);
});

test(`${titleOf("N17")}: a tool that never ends what it asks its host`, async (t) => {
  // So much longer than its pauses that it never seems to be silent.
  lower(t, { egressMs: 800, helloMs: 50 });
  const [way] = await asking(t, () => undefined);
  const first = `POST /host/fetch HTTP/1.1\r\nHost: x\r\n${credentialLine(way)}\r\n`;
  const line = new Line(t, way.path).say(`${first}Content-Length: 1000000\r\n\r\n{`);
  const drip = setInterval(() => line.say(" "), 10);
  t.teardown(() => clearInterval(drip));
  await line.all();
  t.strictSame(way.door.entries, []);
});

test(`${titleOf("N17")}: a program that takes nothing of what it is told`, async (t) => {
  lower(t, { egressIdleMs: 100 });
  const [way, target] = await asking(t, (socket) => {
    socket.write(`${ok}content-length: 30000000\r\n\r\n`);
    socket.write(Buffer.alloc(30_000_000));
  });
  const deaf = connect({
    path: way.path,
    onread: { buffer: Buffer.alloc(16), callback: () => false },
  });
  deaf.on("error", () => undefined);
  t.teardown(() => deaf.destroy());
  deaf.write(`${headFor(way, target)}\r\n`);
  await booked(way);
  t.match(way.door.entries, [{ code: "EGRESS_FAILED" }]);
  t.ok((way.door.entries[0]?.bytes ?? 0) < 10_000_000, "what it does not take is not read");
});

test(`${titleOf("N17")}: a stream that trickles for longer than it may`, async (t) => {
  lower(t, { egressMs: 150, helloMs: 100 });
  const [way, target] = await asking(t, (socket) => {
    socket.write(`${ok}content-type: text/event-stream\r\n\r\n`);
    const drip = setInterval(() => socket.write("data: x\n\n"), 10);
    t.teardown(() => clearInterval(drip));
  });
  await new Line(t, way.path).say(`${headFor(way, target)}Connection: close\r\n\r\n`).all();
  t.match(way.door.entries, [{ code: "EGRESS_FAILED" }]);
});

for (const [name, changes, behave] of [
  ["that begins too late", { helloMs: 50 }, () => undefined],
  ["in which nothing moves", { egressIdleMs: 50 }, (line: Line) => line.say(helloFor("tool.test"))],
  [
    "that trickles for too long",
    { egressMs: 150, helloMs: 100 },
    (line: Line, t: Test) => {
      line.say(helloFor("tool.test"));
      const drip = setInterval(() => line.say("x"), 10);
      t.teardown(() => clearInterval(drip));
    },
  ],
  [
    "that carries too much",
    { egressBytes: 100_000 },
    (line: Line) => line.say(helloFor("tool.test")).say(Buffer.alloc(100_000)),
  ],
] as const) {
  test(`${titleOf("N17")}: a tunnel ${name}`, async (t) => {
    lower(t, changes);
    const { port, heard } = await far(t);
    const way = await wayOut(t, { net: [tunnelled(port)] });
    const line = await tunnel(t, way, `tool.test:${port}`);
    behave(line, t);
    await line.all();
    t.match(way.door.entries, [{ action: "CONNECT", code: "EGRESS_FAILED" }]);
    t.ok(Buffer.concat(heard).length <= containerLimits.egressBytes);
  });
}

test("a tunnel that is open when its call ends is closed with it, on both sides, and has not failed", async (t) => {
  const { port, sockets } = await far(t, (socket) => socket.write("more"));
  const way = await wayOut(t, { net: [tunnelled(port)] });
  const line = await tunnel(t, way, `tool.test:${port}`);
  line.say(helloFor("tool.test"));
  await line.hear("more");
  const [host] = sockets;
  const left = host && new Promise((resolve) => host.once("close", resolve));
  host?.on("end", () => host.end());
  await way.door.close();
  await line.all();
  await left;
  t.match(way.door.entries, [{ action: "CONNECT", address: "127.0.0.1" }]);
  t.equal(way.door.entries[0]?.code, undefined);
});

for (const [name, bytes] of Object.entries(wrongAnswers)) {
  test(`${titleOf("N19")}: an answer with ${name}`, async (t) => {
    const [way, target] = await asking(t, (socket) => socket.end(bytes));
    t.equal(codeOfTold(await ask(way, { target })), "EGRESS_FAILED");
    t.match(way.door.entries, [{ code: "EGRESS_FAILED" }]);
  });
}

for (const [name, bytes] of cutAnswers) {
  test(`${titleOf("N19")}: an answer of ${name} does not look whole`, async (t) => {
    const [way, target] = await asking(t, (socket) => socket.end(bytes));
    await t.rejects(ask(way, { target }));
    await booked(way);
    t.match(way.door.entries, [{ code: "EGRESS_FAILED" }]);
  });
}

test(`${titleOf("N19")}: a body without end`, async (t) => {
  lower(t, { egressBytes: 300_000 });
  const [way, target] = await asking(t, (socket) => {
    socket.write(`${ok}\r\n`);
    const flood = (): void => {
      while (socket.writable && socket.write(Buffer.alloc(65_536)));
    };
    socket.on("drain", flood);
    flood();
  });
  await t.rejects(ask(way, { target }));
  await booked(way);
  t.match(way.door.entries, [{ code: "EGRESS_FAILED" }]);
  t.ok((way.door.entries[0]?.bytes ?? 0) <= 300_000 + 65_536);
});

test(`${titleOf("N19")}: nor does a program send without end`, async (t) => {
  lower(t, { egressBytes: 300_000 });
  const { port, heard, sockets } = await far(t);
  const way = await wayOut(t, { net: [plain(port)] });
  const line = new Line(t, way.path);
  line.say(
    `${headFor(way, `http://tool.test:${port}/`, "POST")}Transfer-Encoding: chunked\r\n\r\n`,
  );
  const chunk = Buffer.concat([
    Buffer.from("10000\r\n"),
    Buffer.alloc(65_536),
    Buffer.from("\r\n"),
  ]);
  for (let count = 0; count < 8; count += 1) line.say(chunk);
  await booked(way);
  t.match(way.door.entries, [{ action: "POST", code: "EGRESS_FAILED" }]);
  const [socket] = sockets;
  if (socket && !socket.closed) socket.end();
  t.ok(Buffer.concat(heard).length <= 310_000);
});

test(`${titleOf("N19")}: what was asked for packed is handed on packed, and counted so`, async (t) => {
  const bomb = gzipSync(Buffer.alloc(5_000_000));
  const [way, target] = await asking(t, (socket) => {
    socket.write(`${ok}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
    socket.end(bomb);
  });
  const told = await ask(way, { target, headers: { "accept-encoding": "gzip" } });
  t.strictSame(Buffer.from(told.body, "latin1"), bomb);
  t.equal(told.headers["content-encoding"], "gzip");
  t.match(way.door.entries, [{ bytes: bomb.length }]);
});

test("a program that leaves is waited for by nobody", async (t) => {
  lower(t, { egressIdleMs: 1_000_000 });
  const arrived = Promise.withResolvers<Socket>();
  const [way, target] = await asking(t, arrived.resolve);
  const line = new Line(t, way.path).say(`${headFor(way, target)}\r\n`);
  const socket = await arrived.promise;
  const left = new Promise((resolve) => socket.once("end", resolve));
  line.socket.destroy();
  await left;
  await booked(way);
  t.match(way.door.entries, [{ code: "EGRESS_FAILED" }]);
});
