import { test } from "tap";
import { bench, endOf } from "./isolate-fixtures.ts";

/** One-line scripts; each hangs, floods or crashes a host that trusts `isolated-vm`'s own limits. */
const attacks: readonly [string, string, readonly string[]][] = [
  ["an endless loop", "for (;;);", ["TIMEOUT_CPU"]],
  ["an endless loop at the top of the bundle", "code: for (;;);", ["TIMEOUT_CPU"]],
  [
    "a thrown error whose message never ends",
    "const e = new Error('x'); Object.defineProperty(e, 'message', { get() { for (;;); } }); throw e;",
    ["TIMEOUT_CPU"],
  ],
  [
    "a thrown error whose stack never ends",
    "const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { for (;;); } }); throw e;",
    ["GUEST_ERROR"],
  ],
  [
    "a thrown proxy that never ends",
    "const f = () => { for (;;); }; throw new Proxy({}, { get: f, getPrototypeOf: f, has: f, ownKeys: f });",
    ["TIMEOUT_CPU"],
  ],
  [
    "a stack trace that never ends",
    "Error.prepareStackTrace = () => { for (;;); }; null.x;",
    ["TIMEOUT_CPU", "GUEST_ERROR"],
  ],
  [
    "an error left unhandled that never ends",
    "const f = () => { for (;;); }; Promise.reject(new Proxy({}, { get: f, getPrototypeOf: f })); return 1;",
    ["TIMEOUT_CPU"],
  ],
  [
    "an error left unhandled whose message never ends",
    "const e = new Error('x'); Object.defineProperty(e, 'message', { get() { for (;;); } }); Promise.reject(e);",
    ["TIMEOUT_CPU"],
  ],
  ["a returned value that never ends", "return { toJSON() { for (;;); } };", ["TIMEOUT_CPU"]],
  ["a returned getter that never ends", "return { get x() { for (;;); } };", ["TIMEOUT_CPU"]],
  [
    "a returned proxy that never ends",
    "return new Proxy({}, { ownKeys() { for (;;); } });",
    ["TIMEOUT_CPU"],
  ],
  ["a thenable that never ends", "return { then() { for (;;); } };", ["TIMEOUT_CPU"]],
  ["a thenable getter that never ends", "return { get then() { for (;;); } };", ["TIMEOUT_CPU"]],
  [
    "a flood of promise jobs",
    "const f = () => Promise.resolve().then(f); return f();",
    ["TIMEOUT_CPU", "OOM"],
  ],
  [
    "a loop over awaits",
    "return (async () => { for (;;) await null; })();",
    ["TIMEOUT_CPU", "OOM"],
  ],
  ["a promise that never settles", "return new Promise(() => {});", ["GUEST_ERROR"]],
  ["a thenable that never calls back", "return { then() {} };", ["GUEST_ERROR"]],
  [
    "a built-in that V8 cannot stop",
    "const a = []; a.length = 2 ** 32 - 1; a.reverse();",
    ["TIMEOUT_CPU", "OOM"],
  ],
  [
    "a search through a length without end",
    "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);",
    ["TIMEOUT_CPU"],
  ],
  [
    "squares of a large number",
    "let x = 3n; for (;;) x *= x;",
    ["TIMEOUT_CPU", "OOM", "GUEST_ERROR"],
  ],
  ["a pattern that backtracks", "/^(a+)+$/.test('a'.repeat(40) + 'b');", ["TIMEOUT_CPU"]],
  [
    "a sort without end",
    "new Array(3e6).fill(0).map((_, i) => -i).sort(() => { for (;;); });",
    ["TIMEOUT_CPU", "OOM"],
  ],
  ["endless recursion", "const f = () => f(); f();", ["GUEST_ERROR"]],
  [
    "recursion through a proxy",
    "const p = new Proxy({}, { get: (t, k, r) => r[k] }); p.x;",
    ["GUEST_ERROR"],
  ],
  ["recursion in what is returned", "const o = {}; o.o = o; return o;", ["GUEST_ERROR"]],
  [
    "deep nesting in what is returned",
    "let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return o;",
    ["GUEST_ERROR", "TIMEOUT_CPU"],
  ],
  [
    "an error that throws when it is read",
    "throw { get message() { throw this; }, get name() { throw this; } };",
    ["GUEST_ERROR"],
  ],
];

test("each ends in time, and the next call finds a sandbox", async (t) => {
  const { run } = bench(t);
  for (const [name, body, codes] of attacks) {
    const atTop = body.startsWith("code: ");
    const result = await run(body, { wallMs: 3_000, ...(atTop && { code: body.slice(6) }) });
    t.ok(codes.includes(String(endOf(result))), `${name}: ${JSON.stringify(endOf(result))}`);
    t.equal(endOf(await run("return args.x * 7;", { input: '{"x":6}' })), 42, "then a benign call");
  }
});
