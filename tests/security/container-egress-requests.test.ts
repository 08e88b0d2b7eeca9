import tap, { test } from "tap";
import { fromInside } from "./container-egress-fixtures.ts";
import { credentialLine, head, statusOf } from "./proxy-fixtures.ts";
import { oddHosts, oddRequests } from "./proxy-requests-attacks.ts";
import { connectLines } from "./proxy-tunnel-fixtures.ts";

tap.setTimeout(110_000);

// Ring 8, the broker, asked by a program in a container: the same bytes, the same answers.

fromInside(
  (name, run) => test(`requests that are odd ${name}`, run),
  {},
  async (t, { send, say, spot, origin }) => {
    const hosts = Object.entries(oddHosts).flatMap(([name, target]) => {
      const authority = target.replace(/^http:\/\/|\/$/g, "");
      const asked = `${head(spot, target)}Connection: close\r\n\r\n`;
      const tunnels = [`${authority}:443`, authority].map(
        (said) =>
          `CONNECT ${said} HTTP/1.1\r\nHost: tool.test\r\n${credentialLine(spot.way)}\r\n\r\n`,
      );
      return [asked, ...tunnels].map((says) => ({ name, says }));
    });
    for (const { name, heard } of (await send("N06", hosts)).heard) {
      t.match(statusOf(heard), /400|403/, name);
    }
    const requests = Object.entries(oddRequests).map(([name, says]) => ({
      name,
      says: says(spot),
    }));
    for (const { name, heard } of (await send("N18", requests)).heard) {
      t.match(statusOf(heard), /^(4\d\d|nothing)$/, name);
    }
    const one = `${head(spot)}\r\n`;
    const behind = [one, connectLines(spot.way, "tool.test:443")].map((more) => ({
      ...{ name: "a request behind one without an answer", says: one + more, isPatient: true },
    }));
    const before = origin.seen.length;
    const { heard, result } = await say(behind);
    for (const { heard: said } of heard) {
      t.ok(said.split("HTTP/1.1 ").length <= 2, "is not answered");
    }
    t.ok(origin.seen.length - before <= heard.length + 2, "and not sent");
    t.ok(result.requests.every(({ action }) => action === "GET"));
  },
);
