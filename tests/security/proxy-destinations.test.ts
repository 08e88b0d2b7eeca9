import { createServer } from "node:http";
import { Socket } from "node:net";
import fc from "fast-check";
import { type Test, test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import type { NetPermission } from "../../manifests/permissions.ts";
import { isCovered, isSpecialAddress } from "../../sandbox/broker/http/addresses.ts";
import type { Resolve } from "../../sandbox/broker/http/resolver.ts";
import { listen, net } from "./broker-fetch-fixtures.ts";
import { codeOf } from "./broker-fixtures.ts";
import { titleOf } from "./catalogue.ts";
import {
  elsewhere,
  redirections,
  specialAddresses,
  tellingNames,
} from "./proxy-destinations-attacks.ts";
import { admitted, ask, codeOfTold, plain, testProxy, type Way, wayOut } from "./proxy-fixtures.ts";

// Ring 8, the broker: two doors, one set of rules. What one of them refuses the other refuses.

/** What the door of `fetch` says to an address, and what the proxy says. */
async function bothSay(way: Way, url: string): Promise<readonly string[]> {
  const fetched = await codeOf(way.door.request("fetch", { url }));
  const host = URL.parse(url)?.host ?? "tool.test";
  return [fetched, codeOfTold(await ask(way, { target: url, headers: { host } }))];
}

const denied = ["EGRESS_DENIED", "EGRESS_DENIED"];

const granted: readonly NetPermission[] = [plain(80), plain(443, { scheme: "https" })];
for (const [title, urls] of [
  [titleOf("N02"), elsewhere.metadata],
  [titleOf("N05"), elsewhere.spellings],
  [titleOf("N07"), elsewhere.neighbours],
  [titleOf("N12"), elsewhere.ports],
] as const) {
  test(`${title}, at both doors`, async (t) => {
    for (const url of urls) {
      const way = await wayOut(t, { net: granted });
      t.strictSame(await bothSay(way, url), denied, url);
      t.equal(way.door.entries.length, 2, "both are booked");
      t.ok(way.door.entries.every(({ code, address }) => code === "EGRESS_DENIED" && !address));
    }
  });
}

test(`${titleOf("N07")}: a grant without network`, async (t) => {
  const way = await wayOut(t, { net: [] });
  for (const url of ["http://tool.test/", "https://tool.test/"]) {
    t.strictSame(await bothSay(way, url), denied);
  }
});

for (const [title, addresses] of [
  [titleOf("N03"), specialAddresses.v4],
  [titleOf("N04"), specialAddresses.v6],
] as const) {
  test(`${title}, by name or by number, also where the host is granted`, async (t) => {
    const socket = await testProxy(t).open("0".repeat(32));
    for (const address of addresses) {
      const literal = address.includes(":") ? `[${address}]` : address;
      const { hostname } = new URL(`http://${literal}/`);
      const resolve: Resolve = () => Promise.resolve([address]);
      const permissions = [plain(80, { host: "named.test" }), plain(80, { host: hostname })].map(
        ({ addresses: _, ...rest }) => rest,
      );
      const way = admitted(t, socket, { net: permissions, broker: { resolve } });
      t.strictSame(await bothSay(way, "http://named.test/"), denied, address);
      t.strictSame(await bothSay(way, `http://${literal}/`), denied, literal);
      await way.door.close();
    }
  });
}

test(`${titleOf("N04")}: a zone is no part of an address`, async (t) => {
  const way = await wayOut(t, { net: granted });
  for (const url of ["http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/"]) {
    t.strictSame(await bothSay(way, url), denied, url);
  }
});

for (const status of redirections.statuses) {
  test(`${titleOf("N08")}: ${status}`, async (t) => {
    const to = redirections.targets;
    let at = 0;
    const origin = await net(t, (_, response) => {
      response.writeHead(status, { location: to[at] }).end("moved");
    });
    const way = await wayOut(t, { net: [plain(origin.port)] });
    for (at = 0; at < to.length; at += 1) {
      const told = await ask(way, { target: `${origin.url}/` });
      t.strictSame([told.status, told.headers.location, told.body], [status, to[at], "moved"]);
      const next = await ask(way, { target: to[at] ?? "", headers: { host: "x" } });
      t.equal(codeOfTold(next), "EGRESS_DENIED", "and each is a new decision");
    }
    t.equal(origin.seen.length, to.length, "nothing was followed");
    t.strictSame(way.door.read, { integrity: "untrusted", confidentiality: "public" });
  });
}

/** Answers of DNS, the last one again and again, and how often it was asked. */
function answers(...given: readonly (readonly string[])[]): { asked: string[]; resolve: Resolve } {
  const asked: string[] = [];
  const resolve: Resolve = (host) => {
    asked.push(host);
    return Promise.resolve(given[Math.min(asked.length, given.length) - 1] ?? []);
  };
  return { asked, resolve };
}

test(`${titleOf("N09")}: among many addresses one is private, at both doors`, async (t) => {
  for (const addresses of [
    ["8.8.8.8", "10.0.0.1"],
    ["2606:4700::1111", "::1"],
    ["8.8.8.8", "::ffff:10.0.0.1"],
  ]) {
    const { resolve } = answers(addresses);
    const way = await wayOut(t, { net: [plain(80, { host: "named.test" })], broker: { resolve } });
    t.strictSame(await bothSay(way, "http://named.test/"), denied, addresses.join());
  }
});

test(`${titleOf("N09")}: what was looked up is dialled, and nothing is looked up again`, async (t) => {
  const port = await listen(
    t,
    createServer((_, response) => response.end("first")),
  );
  const { asked, resolve } = answers(["127.0.0.1"], ["10.0.0.1"]);
  const permission = plain(port, { host: "named.test" });
  const way = await wayOut(t, { net: [permission], broker: { resolve } });
  const target = `http://named.test:${port}/`;
  t.equal((await ask(way, { target })).body, "first");
  t.equal(asked.length, 1);
  t.equal(codeOfTold(await ask(way, { target })), "EGRESS_DENIED", "the next request asks anew");
  t.strictSame(
    way.door.entries.map(({ address }) => address),
    ["127.0.0.1", undefined],
  );
});

test(`${titleOf("N13")}, at both doors and for tunnels`, async (t) => {
  const { asked, resolve } = answers(["8.8.8.8"]);
  const way = await wayOut(t, { net: [plain(80, { host: "named.test" })], broker: { resolve } });
  for (const host of tellingNames) {
    t.strictSame(await bothSay(way, `http://${host}/dns-query?dns=AAAB`), denied, host);
  }
  t.strictSame(asked, []);
});

const seed = 20_261_123;
const host = fc.constantFrom(
  "a.test",
  "b.test",
  "A.test",
  "a.test.",
  "127.0.0.1",
  "[::1]",
  "8.8.8.8",
);
const address = fc.constantFrom(
  ...["127.0.0.1", "127.0.0.2", "10.0.0.1", "8.8.8.8", "169.254.169.254", "::1"],
  ...["::ffff:127.0.0.1", "2606:4700::1111", "192.168.1.1", "127.255.0.1"],
);
const tuple = fc.record({
  url: fc
    .tuple(
      fc.constantFrom("http", "http", "HTTP", "https"),
      host,
      fc.constantFrom("", ":80", "", ":81"),
    )
    .map(([scheme, name, port]) => `${scheme}://${name}${port}/p`),
  said: fc.option(host, { nil: undefined }),
  answer: fc.array(address, { minLength: 1, maxLength: 2 }),
  granted: fc.array(
    fc.record({
      host: fc.constantFrom("a.test", "b.test", "127.0.0.1", "8.8.8.8"),
      addresses: fc.constantFrom(undefined, ["127.0.0.0/8"], ["10.0.0.0/8", "::1/128"]),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

/** Notes where connections would go, and lets none of them go there. */
function dialler(t: Test): string[] {
  const dialled: string[] = [];
  const { connect } = Socket.prototype;
  function note(this: Socket, ...args: Parameters<typeof connect>): Socket {
    const [options] = args.flat() as unknown as [{ host?: string; path?: unknown }];
    if (typeof options.path === "string") return connect.apply(this, args);
    dialled.push(String(options.host));
    setImmediate(() => this.destroy(Object.assign(new Error("not here"), { code: "ENOTHERE" })));
    return this;
  }
  t.intercept(Socket.prototype, "connect", { value: note as typeof connect, configurable: true });
  return dialled;
}

test("whatever is asked, only an address that the rules allow is dialled, and both doors agree", async (t) => {
  t.comment(`seed ${seed}`);
  // A thousand requests in one second, most of which are refused.
  t.intercept(containerLimits, "proxyKnocksPerSecond", { value: 1e6 as never });
  const dialled = dialler(t);
  const socket = await testProxy(t).open("0".repeat(32));
  let reached = 0;
  await fc.assert(
    fc.asyncProperty(tuple, async ({ url, said, answer, granted: rules }) => {
      const permissions = rules.map(({ host: name, addresses }) => {
        const { addresses: _, ...rest } = plain(80, { host: name });
        return addresses ? { ...rest, addresses } : rest;
      });
      const resolve: Resolve = () => Promise.resolve(answer);
      const way = admitted(t, socket, { net: permissions, broker: { resolve } });
      dialled.length = 0;
      const fetched = await codeOf(way.door.request("fetch", { url }));
      const byFetch = dialled.splice(0);
      const own = new URL(url).host;
      const told = codeOfTold(await ask(way, { target: url, headers: { host: said ?? own } }));
      const byProxy = dialled.splice(0);
      await way.door.close();
      const verdicts = [
        [fetched, byFetch],
        [told, byProxy],
      ].map((verdict) => JSON.stringify(verdict));
      if (said === undefined && verdicts[0] !== verdicts[1]) t.fail(`${url}: ${verdicts.join()}`);
      for (const one of [...byFetch, ...byProxy]) {
        reached += 1;
        if (!isAllowed(one, url, permissions)) t.fail(`${url} reached ${one}`);
      }
    }),
    { seed, numRuns: 1_000 },
  );
  t.ok(reached > 20, `${reached} were dialled`);
});

/** Said once more, in the simplest words: the host is granted, and the address is public or named. */
function isAllowed(dialled: string, url: string, permissions: readonly NetPermission[]): boolean {
  const { hostname, protocol, port } = new URL(url);
  const own = permissions.filter((one) => one.host === hostname);
  const isPublic = !isSpecialAddress(dialled);
  const isNamed = isCovered(
    dialled,
    own.flatMap(({ addresses = [] }) => addresses),
  );
  return protocol === "http:" && port === "" && own.length > 0 && (isPublic || isNamed);
}
