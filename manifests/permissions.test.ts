import { test } from "tap";
import { limits } from "./limits.ts";
import {
  type FsPermission,
  fsWithin,
  httpMethods,
  type NetPermission,
  netWithin,
  noPermissions,
  pathWithin,
  permissionsSchema,
  permissionsWithin,
  urlPathWithin,
} from "./permissions.ts";

const net: NetPermission = {
  scheme: "https",
  host: "api.example",
  ports: [443, 8443],
  methods: ["GET", "POST"],
  path: "/v1",
};

test("a path lies within a prefix by whole segments", (t) => {
  for (const [path, prefix, within] of [
    ["/v1", "/v1", true],
    ["/v1/x", "/v1", true],
    ["/v1/x", "/v1/", true],
    ["/v10", "/v1", false],
    ["/v", "/v1", false],
    ["/", "/v1", false],
    ["/anything", "/", true],
    ["notes/a", ".", true],
    ["notes/a", "notes", true],
    ["notes-2/a", "notes", false],
    ["notes", "notes/a", false],
  ] as const) {
    t.equal(pathWithin(path, prefix), within, `${path} in ${prefix}`);
  }
  t.end();
});

test("attack: no path climbs out of a prefix by being decoded or cut once more", (t) => {
  for (const path of ["/v1", "/v1/x", "/v1/a%20b", "/v1/..a"]) {
    t.ok(urlPathWithin(path, "/v1"), path);
  }
  const climbing = ["%2e%2e/x", "..%2Fx", "..%5cx", "%252e%252e/x", "a%00", "..;/x", ".;/x"];
  for (const path of climbing.map((end) => `/v1/${end}`)) {
    t.notOk(urlPathWithin(path, "/v1"), path);
    t.ok(urlPathWithin(path, "/"), "with no prefix there is nothing to climb out of");
  }
  t.notOk(urlPathWithin("/v10", "/v1"));
  t.ok(urlPathWithin("/v1/a%2fb", "/v1/a%2fb"), "the very path that was judged");
  t.notOk(urlPathWithin("/v1/a%2fb/..%2fc", "/v1/a%2fb"), "and nothing beneath it");
  t.end();
});

test("attack: a network permission that is wider in any one way is not within", (t) => {
  t.ok(netWithin(net, net));
  t.ok(netWithin({ ...net, ports: [443], methods: ["GET"], path: "/v1/x" }, net));
  const wider: readonly Partial<NetPermission>[] = [
    { scheme: "http" },
    { host: "api.example.evil" },
    { host: "example" },
    { ports: [443, 80] },
    { methods: ["GET", "DELETE"] },
    { path: "/" },
    { path: "/v10" },
    { addresses: ["127.0.0.0/8"] },
    { tunnel: true },
  ];
  for (const change of wider) {
    t.notOk(netWithin({ ...net, ...change }, net), JSON.stringify(change));
  }
  t.ok(netWithin({ ...net, addresses: [] }, { ...net, addresses: ["10.0.0.0/8"] }));
  t.end();
});

test("a tunnel lies within a tunnel, and a request within what may also tunnel", (t) => {
  const open: NetPermission = { ...net, methods: [...httpMethods], path: "/", tunnel: true };
  t.ok(netWithin(open, open));
  t.ok(netWithin(net, open));
  t.notOk(netWithin(open, { ...net, methods: [...httpMethods], path: "/" }));
  t.end();
});

test("a tunnel is named only along with all that it lets through", (t) => {
  const fits = (change: object): boolean => {
    const open = { host: "a.example", methods: [...httpMethods], tunnel: true, ...change };
    return permissionsSchema("ceiling").safeParse({ net: [open] }).success;
  };
  t.ok(fits({}));
  t.ok(fits({ host: "{{args.url.host}}", ports: [443, 8443] }));
  const narrower = [
    { scheme: "http" },
    { path: "/v1" },
    { methods: ["GET"] },
    ...httpMethods.map((method) => ({ methods: httpMethods.filter((one) => one !== method) })),
  ];
  for (const change of [...narrower, { tunnel: false }, { tunnel: "yes" }]) {
    t.notOk(fits(change), JSON.stringify(change));
  }
  t.end();
});

test("to write is not to read, and to list is neither", (t) => {
  const at = (path: string, access: FsPermission["access"]): FsPermission => ({ path, access });
  t.ok(fsWithin(at("a/b", "read"), at("a", "read")));
  for (const access of ["write", "list"] as const) {
    t.notOk(fsWithin(at("a/b", "read"), at("a", access)), access);
  }
  t.notOk(fsWithin(at(".", "read"), at("a", "read")));
  t.end();
});

test("each permission has to lie within one of the ceiling's; nothing lies within nothing", (t) => {
  const read: FsPermission = { path: "a", access: "read" };
  const whole = { net: [net], fs: [read] };
  t.ok(permissionsWithin(noPermissions, noPermissions));
  t.ok(permissionsWithin(noPermissions, whole));
  t.ok(permissionsWithin(whole, whole));
  t.notOk(permissionsWithin(whole, noPermissions));
  t.notOk(permissionsWithin({ net: [net, { ...net, host: "b.example" }], fs: [] }, whole));
  t.notOk(permissionsWithin({ net: [], fs: [read, { ...read, access: "write" }] }, whole));
  t.end();
});

test("at the limit permissions are read, above they are refused", (t) => {
  const fits = (permissions: object): boolean =>
    permissionsSchema("fixed").safeParse(permissions).success;
  const paths = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ path: `p${n}`, access: "read" }));
  const hosts = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ host: `h${n}.example` }));
  for (const [most, make] of [
    [limits.permissionsPerTool, (count: number) => ({ fs: paths(count) })],
    [limits.permissionsPerTool, (count: number) => ({ net: hosts(count) })],
    [limits.pathChars, (chars: number) => ({ fs: [{ path: "p".repeat(chars), access: "read" }] })],
  ] as const) {
    t.ok(fits(make(most)));
    t.notOk(fits(make(most + 1)));
  }
  t.end();
});

test("attack: no wildcard, scheme, port or upper case passes for a host; no template in a session", (t) => {
  const hostFits = (kind: "ceiling" | "fixed", host: string): boolean =>
    permissionsSchema(kind).safeParse({ net: [{ host }] }).success;
  for (const host of ["*", "*.example", "https://a.example", "a_b", "A.example", "a b", ""]) {
    t.notOk(hostFits("ceiling", host), host);
  }
  t.ok(hostFits("ceiling", "a.example"));
  t.ok(hostFits("ceiling", "{{args.url.host}}"));
  t.notOk(hostFits("fixed", "{{args.url.host}}"));
  t.notOk(hostFits("ceiling", "x{{args.url.host}}"));
  t.end();
});
