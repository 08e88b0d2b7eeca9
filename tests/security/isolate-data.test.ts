import { test } from "tap";
import { titleOf } from "./catalogue.ts";
import { type Attack, allFiles, bench, endOf, holdAll } from "./isolate-fixtures.ts";

const values: readonly Attack[] = [
  ["D02", "a buffer", "return new ArrayBuffer(8);", {}],
  ["D02", "a view of one", "return new Uint8Array([1, 2]);", { 0: 1, 1: 2 }],
  ["D02", "shared memory", "return new SharedArrayBuffer(8);", "GUEST_ERROR"],
  [
    "D02",
    "a buffer as an argument",
    "return host.files.read(new Uint8Array(8).buffer).catch((e) => e.code);",
    "FILES_FAILED",
  ],
  ["D03", "nothing", "return;", null],
  ["D03", "a function", "return () => 1;", null],
  ["D03", "a symbol", "return Symbol();", null],
  ["D03", "a date", "return new Date(0);", "1970-01-01T00:00:00.000Z"],
  ["D03", "a date that is none", "return [new Date(NaN)];", [null]],
  ["D03", "a pattern", "return /x/g;", {}],
  ["D03", "a map and a set", "return [new Map([[1, 2]]), new Set([1])];", [{}, {}]],
  ["D03", "an error", "return new Error('x');", {}],
  ["D03", "an instance", "return new (class { a = 1; #b = 2; c() {} })();", { a: 1 }],
  ["D03", "a large integer", "return 1n;", "GUEST_ERROR"],
  [
    "D03",
    "boxed values",
    "return [new Number(1), new String('x'), new Boolean(false), Object(Symbol())];",
    [1, "x", false, {}],
  ],
  ["D03", "a boxed large integer", "return [Object(1n)];", "GUEST_ERROR"],
  ["D03", "the global", "return globalThis;"],
  ["D03", "the host", "return host;", { files: {} }],
  [
    "D03",
    "a proxy that was revoked",
    "const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy;",
    "GUEST_ERROR",
  ],
  ["D03", "lone surrogates", "return '\\ud800';", "\ud800"],
  ["D03", "a NUL", "return '\\u0000';", "\u0000"],
  ["D03", "a sparse array", "const a = []; a.length = 3; return a;", [null, null, null]],
  ["D03", "a promise", "return Promise.resolve(7);", 7],
  ["D03", "a thenable", "return { then(f) { f(7); } };", 7],
  ["D03", "a thenable in a thenable", "return { then(f) { f({ then(g) { g(7); } }); } };", 7],
  ["D03", "a thenable that calls twice", "return { then(f, g) { f(1); f(2); g(3); } };", 1],
  ["D03", "what is no number", "return [NaN, Infinity, -0, undefined];", [null, null, 0, null]],
];
test("what a tool returns becomes JSON or an error, never anything else", async (t) => {
  await holdAll(t, bench(t, 2, { permissions: allFiles }), values);
});

test(titleOf("D05"), async (t) => {
  const { run, workspace, canary } = bench(t, 1, { permissions: allFiles, isAsync: true });
  const requests = [
    ...["none", "..", "/etc/passwd", "../canary.txt", "a.txt/b", "x\\u0000y", "a".repeat(2_000)],
    ...["\\u202e", "{{secret:x}}", "%2e%2e/canary.txt"],
  ].map((path) => `host.files.read("${path}")`);
  requests.push(
    "host.files.list('a.txt')",
    "host.files.write('.', 'x')",
    "host.fetch({ url: 'file:///etc/passwd' })",
  );
  for (const request of requests) {
    const body = `try { return String(await ${request}); } catch (e) { return [e.name, e.code, e.message, e.stack, Reflect.ownKeys(e).map(String).sort()]; }`;
    const told = JSON.stringify(endOf(await run(body)));
    t.match(told, /^\["Error","(FILES|EGRESS)_(DENIED|FAILED)"/, request);
    t.notMatch(told, canary);
    t.notOk(told.includes(workspace), "no path of ours");
    t.notMatch(told, /ENOENT|EACCES|ENOTDIR|node:|\.ts:|root:/, told);
    t.match(told, /\["code","message","stack"\]\]$/, "and no further key");
  }
});

test(titleOf("D06"), async (t) => {
  const { run, canary } = bench(t, 1, { permissions: allFiles, isAsync: true });
  await run("globalThis.kept = args.secret; return 1;", { input: `{"secret":"${canary}"}` });
  const walk = `
    await host.files.read('a.txt'); await host.files.read('../canary.txt').catch((e) => { globalThis.e = e; });
    const seen = new Set(); const found = []; const queue = [globalThis, args, host, new Error('x').stack, Error];
    while (queue.length > 0 && seen.size < 20000) {
      const value = queue.pop();
      if (typeof value === 'string' && value.includes('can' + 'ary-')) found.push(value);
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue;
      seen.add(value); queue.push(Object.getPrototypeOf(value)); if (typeof value === 'function') queue.push(String(value));
      for (const key of Reflect.ownKeys(value)) { const d = Reflect.getOwnPropertyDescriptor(value, key); queue.push(String(key), d.value, d.get, d.set); }
    }
    return [seen.size > 500, found];`;
  t.strictSame(endOf(await run(walk)), [true, []]);
});
