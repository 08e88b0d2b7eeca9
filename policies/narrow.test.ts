import fc from "fast-check";
import { test } from "tap";
import { limits } from "../manifests/limits.ts";
import { httpMethods, type NetPermission, type Permissions } from "../manifests/permissions.ts";
import { Refusal } from "../manifests/refusals.ts";
import { narrow } from "./narrow.ts";

const seed = 20_260_822;
const exceeded = { name: "Refusal", code: "PERMISSION_EXCEEDED" };

const net = (more: Partial<NetPermission> = {}): NetPermission => ({
  scheme: "https",
  host: "{{args.url.host}}",
  ports: [443, 8443],
  methods: ["GET", "POST"],
  path: "/",
  ...more,
});
const web: Permissions = {
  net: [net(), net({ scheme: "http", ports: [80], methods: ["GET"] })],
  fs: [],
};
const files: Permissions = {
  net: [],
  fs: [
    { path: "{{args.path}}", access: "write" },
    { path: "shared", access: "read" },
  ],
};

test("gives a call the one place that its URL names", async (t) => {
  const url = "HTTPS://Docs.Example.:8443/a/../b?q=1#f";
  t.same(narrow(web, { url }).net, [net({ host: "docs.example", ports: [8443], path: "/b" })]);
  t.same(narrow(web, { url: "http://docs.example", method: "get" }).net, [
    net({ scheme: "http", host: "docs.example", ports: [80], methods: ["GET"] }),
  ]);
  t.equal(narrow(web, { url: "https://bücher.example/" }).net[0]?.host, "xn--bcher-kva.example");
  t.equal(narrow(web, { url: "https://[::1]/" }).net[0]?.host, "[::1]");
  t.equal(narrow(web, { url: "https://0x7f.1/" }).net[0]?.host, "127.0.0.1", "in its one spelling");
});

test("gives a call a tunnel to the host and port that its URL names, and says that it is open", async (t) => {
  const open = net({ methods: [...httpMethods], tunnel: true });
  const ceiling: Permissions = { net: [open], fs: [] };
  const url = "https://git.example/org/repo";
  const given = narrow(ceiling, { url, method: "get" }).net;
  t.same(given, [{ ...open, host: "git.example", ports: [443] }]);
  const session: Permissions = { net: [{ ...open, host: "git.example", path: "/org" }], fs: [] };
  t.throws(() => narrow(ceiling, { url }, session), { code: "PERMISSION_EXCEEDED" });
});

test("gives a call the one path that it names, beside what is fixed", async (t) => {
  t.same(narrow(files, { path: "docs/a.md" }).fs, [
    { path: "docs/a.md", access: "write" },
    { path: "shared", access: "read" },
  ]);
  t.same(
    narrow(files, {}).fs,
    [{ path: "shared", access: "read" }],
    "nothing named, nothing given",
  );
  t.equal(narrow(files, { path: "." }).fs[0]?.path, ".");
});

test("refuses: a URL that two readers could take for two places, or that is outside", async (t) => {
  const urls = [
    "https://user@evil.example/",
    "https://docs.example:pw@evil.example/",
    "ftp://docs.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "//docs.example/",
    "docs.example",
    "",
    " https://docs.example/",
    "https://docs.exa\tmple/",
    "https://docs.example\n.evil.example/",
    "https:\\\\docs.example/",
    "https://docs.example\\@evil.example/",
    "https://docs.example../",
    "https://docs.example:22/",
    "https://docs.example:0/",
    "http://docs.example:8443/",
    `https://docs.example/${"a".repeat(limits.urlChars)}`,
  ];
  for (const url of urls) t.throws(() => narrow(web, { url }), exceeded, JSON.stringify(url));
  t.throws(() => narrow(web, { url: 7 }), exceeded);
  t.throws(() => narrow(web, { url: ["https://docs.example/"] }), exceeded);
});

test("refuses: a method outside the entry of the URL's scheme", async (t) => {
  const call = (url: string, method: string) => narrow(web, { url, method });
  t.same(call("https://a.example/", "POST").net[0]?.methods, ["POST"]);
  t.throws(() => call("http://a.example/", "POST"), exceeded);
  t.throws(() => call("https://a.example/", "DELETE"), exceeded);
  t.throws(() => call("https://a.example/", "CONNECT"), exceeded);
  t.throws(() => call("https://a.example/", "GET\r\nX: y"), exceeded);
});

test("refuses: a way out of the ceiling's path, plain or encoded", async (t) => {
  const api: Permissions = { net: [net({ path: "/v1" })], fs: [] };
  const call = (path: string) => narrow(api, { url: `https://a.example${path}` }).net[0]?.path;
  t.equal(call("/v1"), "/v1");
  t.equal(call("/v1/x"), "/v1/x");
  const out = [
    "/",
    "/v10",
    "/v1/../admin",
    "/v1/..;/admin",
    "/v1/%2e%2e/admin",
    "/v1/..%2fadmin",
    "/v1/..%5Cadmin",
  ];
  for (const path of [...out, "/v1/%252e%252e%252fadmin"])
    t.throws(() => call(path), exceeded, path);
});

test("refuses: every spelling of a path but the plain one beneath the workspace", async (t) => {
  const paths = [
    "/etc/passwd",
    "..",
    "../a",
    "a/../../b",
    "a/..",
    "./a",
    "a/./b",
    "a//b",
    "a/",
    "",
    "a\0b",
    "a\nb",
    "a\u0085b",
    "a\\..\\b",
    "C:\\a",
    "\ud800",
    "a".repeat(limits.pathChars + 1),
    Array.from({ length: limits.pathDepth + 1 }, () => "a").join("/"),
  ];
  for (const path of paths) t.throws(() => narrow(files, { path }), exceeded, JSON.stringify(path));
  const deepest = Array.from({ length: limits.pathDepth }, () => "a").join("/");
  t.equal(narrow(files, { path: deepest }).fs[0]?.path, deepest);
});

test("refuses: what the session does not give, even where the tool's ceiling does", async (t) => {
  const session: Permissions = {
    net: [net({ host: "docs.example", ports: [443], methods: ["GET"], path: "/open" })],
    fs: [{ path: "out", access: "write" }],
  };
  t.equal(
    narrow(web, { url: "https://docs.example/open/x", method: "GET" }, session).net.length,
    1,
  );
  const outside = [
    { url: "https://docs.example/open/x" },
    { url: "https://docs.example/", method: "GET" },
    { url: "https://docs.example/open/..%2fadmin", method: "GET" },
    { url: "https://docs.example:8443/open", method: "GET" },
    { url: "https://evil.example/open", method: "GET" },
    { url: "http://docs.example/open", method: "GET" },
  ];
  for (const args of outside) t.throws(() => narrow(web, args, session), exceeded, args.url);
  const writes: Permissions = { net: [], fs: [{ path: "{{args.path}}", access: "write" }] };
  t.equal(narrow(writes, { path: "out/a" }, session).fs.length, 1);
  t.throws(() => narrow(writes, { path: "outer" }, session), exceeded);
  t.throws(() => narrow({ net: [], fs: [{ path: "out", access: "read" }] }, {}, session), exceeded);
});

test("refuses: a template that nothing fills, rather than to pass it on as a name", async (t) => {
  const odd: Permissions = { net: [], fs: [{ path: "out/{{args.name}}", access: "write" }] };
  t.throws(() => narrow(odd, { name: "x" }), exceeded);
  const inherited: Permissions = { net: [], fs: [{ path: "{{args.toString}}", access: "write" }] };
  t.same(narrow(inherited, {}).fs, []);
});

test("an argument inside an object can name the place", async (t) => {
  const ceiling: Permissions = { net: [net({ host: "{{args.to.url.host}}" })], fs: [] };
  t.equal(narrow(ceiling, { to: { url: "https://a.example/" } }).net[0]?.host, "a.example");
  t.throws(() => narrow(ceiling, { to: { url: "ftp://a.example/" } }), { message: /`to\.url`/ });
});

test(`a path is refused or given as it stands, never mended (seed ${seed})`, async (t) => {
  const piece = fc.constantFrom("a", "..", ".", "", "/", "\\", "\0", "é", "b.c", " ");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.constantFrom("", "/"), (pieces, joint) => {
      const path = pieces.join(joint);
      try {
        return narrow(files, { path }).fs[0]?.path === path;
      } catch (error) {
        return error instanceof Refusal && error.code === "PERMISSION_EXCEEDED";
      }
    }),
    { seed, numRuns: 2_000 },
  );
  t.pass("none was mended");
});
