import { connect } from "node:net";
import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { net } from "./broker-fetch-fixtures.ts";
import { titleOf } from "./catalogue.ts";
import {
  ask,
  closed,
  codeOfTold,
  credentialLine,
  head,
  Line,
  lower,
  type Place,
  place,
  plain,
  statusOf,
  wayOut,
} from "./proxy-fixtures.ts";

// Ring 8, the broker: what a program in a container does costs the gateway no more than it is worth.

/** How a program knocks: once, on a connection of its own. Resolves when that has ended. */
async function knock(path: string, bytes: string): Promise<"heard" | "nobody listens"> {
  const socket = connect(path);
  socket.resume().end(bytes);
  const refused = new Promise<"nobody listens">((resolve) => {
    socket.on("error", ({ code }: NodeJS.ErrnoException) => {
      if (code === "ENOENT" || code === "ECONNREFUSED") resolve("nobody listens");
    });
  });
  return await Promise.race([refused, closed(socket).then(() => "heard" as const)]);
}

const tooMany: Readonly<Record<string, (here: Place) => string>> = {
  "that say nothing": () => "",
  "without a credential": () => "GET http://tool.test/ HTTP/1.1\r\nHost: tool.test\r\n\r\n",
  "that are no requests": () => "x\r\n\r\n",
  "that expect more than an answer": () =>
    "GET http://tool.test/ HTTP/1.1\r\nHost: tool.test\r\nExpect: x\r\n\r\n",
  "to a host that is not granted": (here) => `${head(here, "http://other.test/")}\r\n`,
};
for (const [name, bytes] of Object.entries(tooMany)) {
  test(`${titleOf("X50")}: connections ${name}`, async (t) => {
    lower(t, { proxyKnocksPerSecond: 8 });
    const here = await place(t);
    let heard = 0;
    while ((await knock(here.way.path, bytes(here))) === "heard") heard += 1;
    t.ok(heard >= 4);
    t.equal(await knock(here.way.path, ""), "nobody listens");
    await here.way.socket.close();
  });
}

test(`${titleOf("X50")}: requests behind each other that nobody let in`, async (t) => {
  lower(t, { proxyKnocksPerSecond: 8 });
  const here = await place(t);
  const line = new Line(t, here.way.path);
  const request = "GET http://tool.test/ HTTP/1.1\r\nHost: tool.test\r\nExpect: x\r\n\r\n";
  line.socket.on("data", () => line.say(request));
  line.say(request);
  t.equal(statusOf(await line.all()), "407", "each of them ends its connection");
  const more = new Line(t, here.way.path);
  const refused = `${head(here, "http://other.test/")}\r\n`;
  more.socket.on("data", () => more.say(refused));
  await more.say(refused).all();
  t.ok(here.way.door.entries.length <= 8);
  t.equal(await knock(here.way.path, ""), "nobody listens");
});

for (const [name, first] of [
  ["from the first word", () => ""],
  ["behind a request", (here: Place) => `${head(here)}\r\n`],
  ["behind a refused one", (here: Place) => `${head(here, "http://other.test/")}\r\n`],
] as const) {
  test(`${titleOf("X51")}: line ends without end, ${name}`, async (t) => {
    const here = await place(t);
    const line = new Line(t, here.way.path).say(first(here));
    if (first(here) !== "") await line.hear("HTTP/1.1 ");
    line.socket.on("drain", () => line.say("\r\n".repeat(65_536)));
    await line.say("\r\n".repeat(65_536)).all();
    t.equal(await knock(here.way.path, ""), "nobody listens");
  });
}

test(`${titleOf("X51")}: line ends without end, behind a request that has no answer yet`, async (t) => {
  const asked = Promise.withResolvers<void>();
  const at = await net(t, () => asked.resolve());
  const way = await wayOut(t, { net: [plain(at.port)] });
  const line = new Line(t, way.path).say(`${head({ at, way })}\r\n`);
  await asked.promise;
  line.socket.on("drain", () => line.say("\r\n".repeat(65_536)));
  await line.say("\r\n".repeat(65_536)).all();
  t.equal(await knock(way.path, ""), "nobody listens");
});

test("a body is no noise, however long it takes to be answered", async (t) => {
  const at = await net(t, (request, response) => {
    request.resume().on("end", () => setTimeout(() => response.end("reached"), 250));
  });
  const way = await wayOut(t, { net: [plain(at.port)] });
  const body = Buffer.alloc(1_000_000, "x");
  const told = await ask(way, { target: `${at.url}/`, method: "POST", body });
  t.equal(told.body, "reached");
  t.equal(codeOfTold(await ask(way, { target: `${at.url}/`, method: "POST", body })), "done");
});

test("who is served may come as often as the call may ask", async (t) => {
  lower(t, { proxyKnocksPerSecond: 8 });
  const { at, way } = await place(t);
  for (let count = 0; count < limits.hostCallsPerCall; count += 1) {
    t.equal(codeOfTold(await ask(way, { target: `${at.url}/` })), "done");
  }
});

test(`${titleOf("X52")}: a program that sends crumbs`, async (t) => {
  lower(t, { egressBytes: 65_536 });
  t.intercept(limits, "frameBytes", { value: 65_536 as never, configurable: true });
  const here = await place(t);
  const crumbs = `Transfer-Encoding: chunked\r\n\r\n${"1\r\nx\r\n".repeat(2_000)}`;
  const passed = new Line(t, here.way.path).say(head(here).replace("GET", "POST") + crumbs);
  await passed.all();
  t.match(here.way.door.entries, [{ action: "POST", code: "EGRESS_FAILED" }]);
  const asked = `POST /host/fetch HTTP/1.1\r\nHost: x\r\n${credentialLine(here.way)}\r\n`;
  const told = await new Line(t, here.way.path).say(asked + crumbs).all();
  t.match(told, /EGRESS_DENIED.*too large/);
});

test("of what tools in one container ask at a time little is held", async (t) => {
  lower(t, { hostBodiesAtOnce: 2 });
  const { at, way } = await place(t);
  const asked = `POST /host/fetch HTTP/1.1\r\nHost: x\r\n${credentialLine(way)}\r\nContent-Length: 4000000\r\n\r\n`;
  const begun = (): { line: Line; taken: Promise<void>; isTaken(): boolean } => {
    const line = new Line(t, way.path).say(asked);
    let is = false;
    const taken = new Promise<void>((resolve) => {
      line.socket.write(Buffer.alloc(3_000_000, " "), () => {
        is = true;
        resolve();
      });
    });
    return { line, taken, isTaken: () => is };
  };
  const first = begun();
  await Promise.all([first.taken, begun().taken]);
  const third = begun();
  for (let count = 0; count < 8; count += 1) await ask(way, { target: `${at.url}/` });
  t.notOk(third.isTaken(), "the third waits where it is");
  first.line.socket.destroy();
  await third.taken;
});
