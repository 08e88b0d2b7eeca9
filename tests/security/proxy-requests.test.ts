import { test } from "tap";
import { net } from "./broker-fetch-fixtures.ts";
import { titleOf } from "./catalogue.ts";
import {
  credentialLine,
  exchangeBytes,
  head,
  Line,
  place,
  plain,
  statusOf,
  wayOut,
} from "./proxy-fixtures.ts";
import { oddHosts, oddRequests } from "./proxy-requests-attacks.ts";

// Ring 8, the broker: what comes out of a container is read in one way, or not at all.

for (const [name, target] of Object.entries(oddHosts)) {
  test(`${titleOf("N06")}: ${name}, in a request and in a tunnel`, async (t) => {
    const here = await place(t);
    const told = await exchangeBytes(
      t,
      here.way.path,
      `${head(here, target)}Connection: close\r\n\r\n`,
    );
    t.match(statusOf(told), /400|403/, told);
    const authority = target.replace(/^http:\/\/|\/$/g, "");
    for (const said of [`${authority}:443`, authority]) {
      const lines = `CONNECT ${said} HTTP/1.1\r\nHost: tool.test\r\n${credentialLine(here.way)}\r\n\r\n`;
      t.match(statusOf(await exchangeBytes(t, here.way.path, lines)), /400|403/, said);
    }
    t.strictSame(here.at.seen, []);
    t.ok(here.way.door.entries.every(({ code }) => code === "EGRESS_DENIED"));
  });
}

for (const [name, bytes] of Object.entries(oddRequests)) {
  test(`${titleOf("N18")}: ${name}`, async (t) => {
    const here = await place(t);
    const line = new Line(t, here.way.path).say(bytes(here));
    line.socket.end();
    const told = await line.all();
    t.match(statusOf(told), /^(4\d\d|nothing)$/, told);
    t.notMatch(told, "reached");
    t.strictSame(here.at.seen, []);
  });
}

test(`${titleOf("N18")}: a second request behind the first, before it is answered`, async (t) => {
  const here = await place(t);
  const one = `${head(here)}\r\n`;
  const told = await exchangeBytes(t, here.way.path, one + one);
  t.ok(here.at.seen.length <= 1, "the second one is not sent");
  t.ok(told.split("HTTP/1.1 ").length <= 2, "and not answered");
});

test(`${titleOf("N18")}: a tunnel behind a request that is not answered`, async (t) => {
  const here = await place(t);
  const connecting = `CONNECT tool.test:443 HTTP/1.1\r\nHost: tool.test:443\r\n${credentialLine(here.way)}\r\n\r\n`;
  const told = await exchangeBytes(t, here.way.path, `${head(here)}\r\n${connecting}`);
  t.ok(told.split("HTTP/1.1 ").length <= 2);
  t.ok(here.way.door.entries.every(({ action }) => action === "GET"));
});

test("what a browser or a client says to its proxy alone goes no further", async (t) => {
  const heard: string[] = [];
  const at = await net(t, (request, response) => {
    heard.push(...request.rawHeaders.filter((_, index) => index % 2 === 0));
    response.writeHead(200, {
      "keep-alive": "timeout=5",
      "proxy-authenticate": "Basic",
      "x-a": "b",
    });
    response.end("reached");
  });
  const way = await wayOut(t, { net: [plain(at.port)] });
  const more = ["Proxy-Connection: keep-alive", "TE: trailers", "Expect: 100-continue"];
  const lines = [...more, "Sec-Fetch-Mode: cors", "Connection: close, TE"].join("\r\n");
  const told = await exchangeBytes(t, way.path, `${head({ at, way })}${lines}\r\n\r\n`);
  const names = heard.map((name) => name.toLowerCase()).sort();
  t.strictSame(names, ["accept-encoding", "connection", "host", "user-agent"]);
  t.match(told, "x-a: b");
  t.notMatch(told, /timeout=5|proxy-authenticate/);
});

test("a request behind an answered one is judged by itself", async (t) => {
  const here = await place(t);
  const line = new Line(t, here.way.path).say(`${head(here)}\r\n`);
  await line.hear("reached");
  line.say(`GET ${here.at.url}/x HTTP/1.1\r\nHost: tool.test:${here.at.port}\r\n\r\n`);
  t.match(await line.all(), /reached[\s\S]*HTTP\/1.1 407/, "the credential is the request's own");
  t.equal(here.at.seen.length, 1);
});
