import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import type { NetPermission, Permissions } from "../../manifests/permissions.ts";
import { createBroker } from "../../sandbox/broker/create-broker.ts";
import { noFileLabels } from "../../sandbox/broker/files/file-labels.ts";
import { isCovered, isSpecialAddress } from "../../sandbox/broker/http/addresses.ts";
import { canonicalUrl } from "../../sandbox/broker/http/destination.ts";
import { fetched, net } from "./broker-fetch-fixtures.ts";
import { codeOf, grantOf } from "./broker-fixtures.ts";

test("fetches what the grant names, from the address it resolved, and labels it", async (t) => {
  const at = await net(t, (request, response) => response.end(`hello ${request.headers["x-a"]}`));
  const door = at.open();
  const answer = await door.request("fetch", {
    url: `${at.url}/a?b=1#c`,
    headers: { "X-A": "é".normalize("NFD").slice(0, 1) },
  });
  t.equal(fetched(answer).body, "hello e");
  t.equal(fetched(answer).url, `${at.url}/a?b=1`);
  t.strictSame(at.seen, [`GET /a?b=1 tool.test:${at.port}`]);
  t.strictSame(door.read, { integrity: "untrusted", confidentiality: "public" });
  t.match(door.entries, [
    { door: "fetch", action: "GET", target: `${at.url}/a?b=1`, address: "127.0.0.1" },
  ]);
});

const elsewhere: readonly [string, (port: number) => string][] = [
  ["another host", (port) => `http://other.test:${port}/`],
  ["another port", () => "http://tool.test:1/"],
  ["the scheme's own port", () => "http://tool.test/"],
  ["another scheme", (port) => `https://tool.test:${port}/`],
  ["no http at all", () => "file:///etc/passwd"],
  ["data", () => "data:text/plain,x"],
  ["a name that ends alike", (port) => `http://eviltool.test:${port}/`],
  ["a name that begins alike", (port) => `http://tool.test.evil:${port}/`],
  ["a dot at the end of the name", (port) => `http://tool.test.:${port}/`],
  ["the address itself", (port) => `http://127.0.0.1:${port}/`],
  ["the address in decimal", (port) => `http://2130706433:${port}/`],
  ["the address in octal", (port) => `http://0177.0.0.1:${port}/`],
  ["the address in hexadecimal", (port) => `http://0x7f000001:${port}/`],
  ["the address in short", (port) => `http://127.1:${port}/`],
  ["zero", (port) => `http://0:${port}/`],
  ["the address mapped into IPv6", (port) => `http://[::ffff:127.0.0.1]:${port}/`],
  ["IPv6 loopback", (port) => `http://[::1]:${port}/`],
  ["a user", (port) => `http://tool.test:${port}@other.test/`],
  ["a user and the right host", (port) => `http://user:pw@tool.test:${port}/`],
  ["a backslash", (port) => `http://tool.test:${port}\\@other.test/`],
  ["a tab in the name", (port) => `http://to\tol.test:${port}/`],
  ["a line end", (port) => `http://tool.test:${port}/\r\nHost: x`],
  ["a NUL", (port) => `http://tool.test\u0000.evil:${port}/`],
  ["a NUL in percent", (port) => `http://tool.test%00.evil:${port}/`],
  ["a space before", (port) => ` http://tool.test:${port}/`],
  ["too long an address", (port) => `http://tool.test:${port}/${"x".repeat(limits.urlChars)}`],
  [
    "one that grows too long",
    (port) => `http://tool.test:${port}/${"é".repeat(limits.urlChars / 2)}`,
  ],
  [
    "a long one that reads as a short one",
    (port) => `http://tool.test:${port}/${"./".repeat(limits.urlChars / 2)}`,
  ],
  ["nothing", () => ""],
  ["a relative one", () => "/a"],
];
for (const [name, url] of elsewhere) {
  test(`refuses ${name}`, async (t) => {
    const at = await net(t, (_, response) => response.end("reached"));
    const door = at.open();
    t.equal(await codeOf(door.request("fetch", { url: url(at.port) })), "EGRESS_DENIED");
    t.strictSame(at.seen, [], "before anything is dialled");
    t.match(door.entries, [{ code: "EGRESS_DENIED" }]);
    t.strictSame(door.read, { integrity: "trusted", confidentiality: "public" });
  });
}

test("an address that is none of http is not even read", (t) => {
  for (const url of ["ftp://tool.test/", "file:///etc/passwd", "ws://tool.test/"]) {
    t.throws(() => canonicalUrl(url), { message: "the address is not an http one" }, url);
  }
  t.end();
});

test("a host that has the name of something else in our own memory is a name like others", async (t) => {
  for (const host of ["constructor", "__proto__"]) {
    const permission: NetPermission = {
      ...{ scheme: "http", host, ports: [80], methods: ["GET"], path: "/" },
    };
    const resolve = (): Promise<readonly string[]> => Promise.resolve(["127.0.0.1"]);
    const options = { workspace: "/nonexistent", hosts: {}, protectedPaths: [], resolve };
    const grant = grantOf({ permissions: { net: [permission], fs: [] } });
    const door = createBroker(options).open(grant, new AbortController().signal);
    t.equal(await codeOf(door.request("fetch", { url: `http://${host}/` })), "EGRESS_DENIED");
  }
});

const spellings = ["HTTP://TOOL.test", "http://t%6fol.test", "http://ｔｏｏｌ.test"];
for (const spelling of spellings) {
  test(`reads ${spelling} as the one host that it dials`, async (t) => {
    const at = await net(t, (_, response) => response.end("x"));
    const answer = await at.open().request("fetch", { url: `${spelling}:${at.port}/` });
    t.equal(fetched(answer).url, `${at.url}/`);
    t.strictSame(at.seen, [`GET / tool.test:${at.port}`]);
  });
}

const paths: readonly [string, string][] = [
  ["/v1", "done"],
  ["/v1/x", "done"],
  ["/v1/a/../b", "done"],
  ["/v10", "EGRESS_DENIED"],
  ["/v1/../admin", "EGRESS_DENIED"],
  ["/v1/%2e%2e/admin", "EGRESS_DENIED"],
  ["/v1/..%2fadmin", "EGRESS_DENIED"],
  ["/v1/..%5cadmin", "EGRESS_DENIED"],
  ["/v1/%252e%252e/admin", "EGRESS_DENIED"],
  ["/v1/..;/admin", "EGRESS_DENIED"],
  ["//v1", "EGRESS_DENIED"],
  ["/V1", "EGRESS_DENIED"],
];
for (const [path, code] of paths) {
  test(`a grant for /v1 says ${code} to ${path}`, async (t) => {
    const at = await net(t, (_, response) => response.end("x"));
    t.equal(await codeOf(at.open({ path: "/v1" }).request("fetch", { url: at.url + path })), code);
  });
}

test("refuses a method that the grant does not name", async (t) => {
  const at = await net(t, (_, response) => response.end("x"));
  const door = at.open({ methods: ["GET"] });
  t.equal(
    await codeOf(door.request("fetch", { url: at.url, method: "POST", body: "x" })),
    "EGRESS_DENIED",
  );
  t.equal(await codeOf(door.request("fetch", { url: at.url, method: "TRACE" })), "EGRESS_FAILED");
  t.strictSame(at.seen, []);
});

test("reaches a special address only where the grant names its range", async (t) => {
  const at = await net(t, (_, response) => response.end("x"));
  const { addresses: _, ...without } = { addresses: [] as string[] };
  t.equal(
    await codeOf(at.open({ addresses: [] }).request("fetch", { url: at.url })),
    "EGRESS_DENIED",
  );
  t.equal(
    await codeOf(
      at.open({ ...without, addresses: ["10.0.0.0/8"] }).request("fetch", { url: at.url }),
    ),
    "EGRESS_DENIED",
  );
  const door = at.open({ host: "private.test" });
  t.equal(
    await codeOf(door.request("fetch", { url: `http://private.test:${at.port}/` })),
    "EGRESS_DENIED",
  );
  t.strictSame(at.seen, []);
});

test("serves what it knows by name, and takes no word too many", async (t) => {
  const at = await net(t, (_, response) => response.end("x"));
  const door = at.open();
  for (const name of ["exec", "constructor", "files.delete", ""]) {
    t.equal(await codeOf(door.request(name, { path: "a.txt" })), "EGRESS_DENIED", name);
  }
  t.equal(await codeOf(door.request("fetch", { url: at.url, insecure: true })), "EGRESS_FAILED");
  t.strictSame(at.seen, []);
});

test("what a call has read is all that it has read, whichever came last", async (t) => {
  const at = await net(t, (_, response) => response.end("x"));
  const secret = { integrity: "trusted", confidentiality: "secret" } as const;
  const labels = { ...noFileLabels, ofFile: () => Promise.resolve(secret) };
  const workspace = t.testdir({ "a.txt": "alpha" });
  const hosts = { "tool.test": "127.0.0.1" };
  const permissions: Permissions = {
    net: [{ ...everywhere, ports: [at.port] }],
    fs: [{ path: ".", access: "read" }],
  };
  const broker = createBroker({ workspace, hosts, protectedPaths: [], labels });
  const door = broker.open(grantOf({ permissions }), new AbortController().signal);
  await door.request("files.read", { path: "a.txt" });
  t.strictSame(door.read, secret);
  await door.request("fetch", { url: at.url });
  t.strictSame(door.read, { integrity: "untrusted", confidentiality: "secret" });
});

const everywhere: NetPermission = {
  ...{ scheme: "http", host: "tool.test", ports: [], methods: ["GET"], path: "/" },
  addresses: ["127.0.0.0/8"],
};

test("refuses a name that resolves to loopback", async (t) => {
  const permission: NetPermission = {
    scheme: "http",
    host: "localhost",
    ports: [80],
    methods: ["GET"],
    path: "/",
  };
  const resolve = (): Promise<readonly string[]> => Promise.resolve(["127.0.0.1"]);
  const broker = createBroker({
    workspace: "/nonexistent",
    hosts: {},
    protectedPaths: [],
    resolve,
  });
  const door = broker.open(
    grantOf({ permissions: { net: [permission], fs: [] } }),
    new AbortController().signal,
  );
  t.equal(await codeOf(door.request("fetch", { url: "http://localhost/" })), "EGRESS_DENIED");
});

const special = [
  ...["0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.255"],
  ...["169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1"],
  ...["192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255"],
  ...["240.0.0.1", "255.255.255.255", "168.63.129.16"],
  ...["192.31.196.1", "192.52.193.1", "192.175.48.1", "2620:4f:8000::1"],
  ...["::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "64:ff9b::a9fe:a9fe"],
  ...["64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:a9fe:a9fe::1", "3fff::1"],
  ...["5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1"],
];
test("knows every special address, of both families", (t) => {
  for (const address of special) t.ok(isSpecialAddress(address), address);
  for (const address of ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"]) {
    t.notOk(isSpecialAddress(address), address);
  }
  t.ok(isCovered("10.1.2.3", ["10.0.0.0/8"]));
  t.notOk(isCovered("11.1.2.3", ["10.0.0.0/8"]));
  t.notOk(isCovered("10.1.2.3", []));
  t.end();
});
