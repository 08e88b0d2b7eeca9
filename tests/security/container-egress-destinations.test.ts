import tap, { type Test, test } from "tap";
import type { NetPermission } from "../../manifests/permissions.ts";
import { titleOf } from "./catalogue.ts";
import { type Attack, type Egress, fromInside, stdoutOf } from "./container-egress-fixtures.ts";
import {
  elsewhere,
  redirections,
  specialAddresses,
  tellingNames,
} from "./proxy-destinations-attacks.ts";
import { credentialLine, plain, type Spot, statusOf } from "./proxy-fixtures.ts";
import { connectLines } from "./proxy-tunnel-fixtures.ts";

tap.setTimeout(110_000);

// Ring 8, the broker, asked by a program in a container: where it may go is where the grant says.

const granted = [plain(80), plain(443, { scheme: "https" })];

/** None is what it looks like. */
const lookalikes = [
  ...["http://１６９.254.169.254/", "http://①.①.①.①/", "http://tооl.test/", "http://tool。test/"],
  ...["http://tool.test\\@evil.test/", "http:\\\\tool.test/", "http://TOOL.test.\t/"],
];

/** What DNS says of a name, the last one again and again; and which it was asked for. */
const answers = new Map<string, string[][]>();
const asked: string[] = [];
const resolve = (host: string): Promise<readonly string[]> => {
  asked.push(host);
  const given = answers.get(host) ?? [];
  return Promise.resolve((given.length > 1 ? given.shift() : given[0]) ?? []);
};

fromInside(
  (name, run) => test(`another place than the one that is granted ${name}`, run),
  { broker: { resolve } },
  async (t, { send, spot }) => {
    for (const [id, urls] of [
      ["N02", elsewhere.metadata],
      ["N05", [...elsewhere.spellings, ...lookalikes]],
      ["N07", elsewhere.neighbours],
      ["N12", elsewhere.ports],
    ] as const) {
      const { heard } = await send(id, urls.map(getting(spot)), granted);
      for (const one of heard) t.match(statusOf(one.heard), /^40[03]$/, one.name);
    }
    const { booked } = await send("N07", [getting(spot)("http://tool.test/")], []);
    t.match(booked, [{ code: "EGRESS_DENIED" }, { code: "EGRESS_DENIED" }], "nothing is granted");
    const zones = ["http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/"];
    await send("N04", zones.map(getting(spot)), granted);
  },
);

fromInside(
  (name, run) => test(`an address that is nobody's in the world ${name}`, run),
  { broker: { resolve } },
  async (t, { send, spot }) => {
    for (const [id, special] of [
      ["N03", specialAddresses.v4],
      ["N04", specialAddresses.v6],
    ] as const) {
      const literals = special.map((one) => (one.includes(":") ? `[${one}]` : one));
      const names = special.map((one, at) => {
        answers.set(`named-${at}.test`, [[one]]);
        return `named-${at}.test`;
      });
      const urls = [...literals, ...names].map((host) => new URL(`http://${host}/`));
      const attacks = urls.map(({ href }) => getting(spot)(href));
      const { heard, booked } = await send(id, attacks, urls.map(publicly));
      for (const one of heard) t.equal(statusOf(one.heard), "403", one.name);
      t.equal(booked.length, heard.length);
    }
    const mixed = [
      ["8.8.8.8", "10.0.0.1"],
      ["2606:4700::1111", "::1"],
    ];
    for (const answer of mixed) {
      answers.set("mixed.test", [answer]);
      const attack = getting(spot)("http://mixed.test/");
      await send("N09", [attack], [plain(80, { host: "mixed.test" })]);
    }
    asked.length = 0;
    const tunnels = tellingNames.map((name) => ({
      ...{ name, says: connectLines(spot.way, `${name}:443`) },
    }));
    const telling = tellingNames.map((name) => getting(spot)(`http://${name}/dns-query?dns=AAAB`));
    await send("N13", [...telling, ...tunnels], [plain(80, { host: "named.test" })]);
    t.strictSame(asked, [], "nothing is looked up that is not granted");
  },
);

fromInside(
  (name, run) => test(`a place that moves ${name}`, run),
  {
    broker: { resolve },
    listener: ({ url = "" }, response) => {
      const [, status, at] = /^\/to\/(\d+)\/(\d)$/.exec(url)?.map(Number) ?? [];
      if (status === undefined || at === undefined) response.end("reached");
      else response.writeHead(status, { location: redirections.targets[at] }).end("moved");
    },
  },
  async (t, egress) => {
    await sendsElsewhere(t, egress);
    await changesItsAddress(t, egress);
  },
);

async function sendsElsewhere(t: Test, { say, run, send, spot, origin }: Egress): Promise<void> {
  for (const status of redirections.statuses) {
    const moves = redirections.targets.map((target, at) => ({
      ...getting(spot)(`${origin.url}/to/${status}/${at}`),
      name: target,
    }));
    for (const { name, heard } of (await say(moves)).heard) {
      t.equal(statusOf(heard), String(status));
      t.ok(heard.includes(`location: ${name}\r\n`) && heard.includes("moved"), heard);
    }
  }
  await send("N08", redirections.targets.map(getting(spot)));
  const before = origin.seen.length;
  const command = `wget -q -t 1 -O - ${origin.url}/to/302/0; echo $?`;
  t.equal(stdoutOf(t, await run({ command })), "8\n", "a client that follows is refused");
  t.equal(origin.seen.length, before + 1);
}

/** Once it is what it was judged to be; then it is another place. */
async function changesItsAddress(t: Test, { say, spot, origin }: Egress): Promise<void> {
  answers.set("named.test", [["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"]]);
  asked.length = 0;
  const url = `http://named.test:${origin.port}/`;
  const net = [plain(origin.port), plain(origin.port, { host: "named.test" })];
  const attacks = [url, url].map(getting(spot));
  const { result, heard } = await say(attacks, { permissions: { net, fs: [] } });
  const statuses = heard.map((one) => statusOf(one.heard));
  t.strictSame(statuses, ["200", "200", "403", "403"], titleOf("N09"));
  t.strictSame(
    result.requests.slice(0, 4).map(({ address }) => address),
    ["127.0.0.1", "127.0.0.1", undefined, undefined],
    "what was judged is what was dialled",
  );
  t.equal(asked.length, 4, "and each request is judged anew");
}

/** In UTF-8, as a person would type it. */
function getting({ way }: Spot): (url: string) => Attack {
  return (url) => {
    const host = URL.parse(url)?.host ?? "tool.test";
    const lines = `GET ${url} HTTP/1.1\r\nHost: ${host}\r\n${credentialLine(way)}\r\n\r\n`;
    return { name: url, says: Buffer.from(lines) };
  };
}

/** The host is granted, its address is not. */
function publicly({ hostname }: URL): NetPermission {
  const { addresses: _, ...permission } = plain(80, { host: hostname });
  return permission;
}
