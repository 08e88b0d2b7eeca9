import { once } from "node:events";
import type { Socket } from "node:net";
import { test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { limits } from "../../manifests/limits.ts";
import { codeOf } from "./broker-fixtures.ts";
import { titleOf } from "./catalogue.ts";
import { ask, codeOfTold, plain, type Way, wayOut } from "./proxy-fixtures.ts";
import { far } from "./proxy-tunnel-fixtures.ts";

// Ring 8, the broker: what a stranger's server may do to the gateway that asks it.

const ok = "HTTP/1.1 200 OK\r\n";

/** How the two doors end. */
const doors: Readonly<Record<string, (way: Way, url: string) => Promise<string>>> = {
  "a program's": async (way, target) => codeOfTold(await ask(way, { target })),
  "an isolate's": (way, url) => codeOf(way.door.request("fetch", { url })),
};

for (const [door, end] of Object.entries(doors)) {
  test(`${titleOf("X54")}: at ${door} door, another protocol, and then a connection that is torn`, async (t) => {
    const answers = ["HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", `${ok}\r\n`];
    const { port, sockets } = await far(t, (socket) =>
      socket.once("data", () => socket.write(answers.shift() ?? "")),
    );
    const way = await wayOut(t, { net: [plain(port)] });
    const url = `http://tool.test:${port}/`;
    t.equal(await end(way, url), "EGRESS_FAILED");
    const [socket] = sockets as [Socket];
    // Nobody here listens for what goes wrong on it: were it still open, this would be the end.
    socket.resetAndDestroy();
    sockets.length = 0;
    const next = end(way, url);
    while (sockets.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await once((sockets[0] as Socket).end(), "close");
    t.equal(await next, "done");
  });

  for (const [name, lines] of [
    ["says that more is to come", "HTTP/1.1 101 Switching Protocols\r\n"],
    ["has no number", "HTTP/1.1 000 X\r\n"],
    ["has a number that none has", "HTTP/1.1 099 X\r\n"],
    ["has a length in two systems", `${ok}content-length: 010\r\n`],
  ] as const) {
    test(`${titleOf("X54")}: at ${door} door, an answer that ${name}`, async (t) => {
      const { port } = await far(t, (socket) =>
        socket.once("data", () => socket.end(`${lines}\r\n0123456789`)),
      );
      const way = await wayOut(t, { net: [plain(port)] });
      t.equal(await end(way, `http://tool.test:${port}/`), "EGRESS_FAILED");
    });
  }

  test(`${titleOf("X56")}: at ${door} door, a call that ends while a name is looked up`, async (t) => {
    const { port, sockets } = await far(t);
    const call = new AbortController();
    const resolve = async (): Promise<readonly string[]> => {
      call.abort();
      return ["127.0.0.1"];
    };
    const way = await wayOut(t, {
      ...{ net: [plain(port)], broker: { hosts: {}, resolve }, signal: call.signal },
    });
    const ended = await end(way, `http://tool.test:${port}/`).catch(() => "CANCELLED");
    t.equal(ended, "CANCELLED");
    t.strictSame(sockets, [], "nothing is dialled");
  });

  test(`${titleOf("X55")}: at ${door} door, an answer in crumbs`, async (t) => {
    t.intercept(containerLimits, "egressBytes", { value: 65_536 as never, configurable: true });
    t.intercept(limits, "fetchBytes", { value: 65_536 as never, configurable: true });
    const crumbs = `${ok}transfer-encoding: chunked\r\n\r\n${"1\r\nx\r\n".repeat(2_000)}0\r\n\r\n`;
    const { port } = await far(t, (socket) => socket.once("data", () => socket.end(crumbs)));
    const way = await wayOut(t, { net: [plain(port)] });
    const ended = await end(way, `http://tool.test:${port}/`).catch(() => "torn");
    t.match(ended, /^(?:EGRESS_FAILED|torn)$/);
    while (way.door.entries.length === 0) await new Promise((done) => setTimeout(done, 5));
    t.match(way.door.entries, [{ code: "EGRESS_FAILED" }]);
  });
}

test(`${titleOf("X57")}: an answer without a body promises none`, async (t) => {
  const { port } = await far(t, (socket) =>
    socket.once("data", () => socket.end("HTTP/1.1 204 No Content\r\ncontent-length: 50\r\n\r\n")),
  );
  const way = await wayOut(t, { net: [plain(port)] });
  const { status, headers } = await ask(way, { target: `http://tool.test:${port}/` });
  t.equal(status, 204);
  t.notOk("content-length" in headers, "a program could take the next answer for it");
});
