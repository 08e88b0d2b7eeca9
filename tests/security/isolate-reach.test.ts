import { test } from "tap";
import { bench, endOf } from "./isolate-fixtures.ts";

/** What a tool finds on its global; a new name after an upgrade has to be looked at by a person. */
const globals = [
  ...["AggregateError", "Array", "ArrayBuffer", "AsyncDisposableStack", "BigInt", "BigInt64Array"],
  ...["BigUint64Array", "Boolean", "DataView", "Date", "DisposableStack", "Error", "EvalError"],
  ...["Float16Array", "Float32Array", "Float64Array", "Function", "Infinity", "Int16Array"],
  ...[
    "Int32Array",
    "Int8Array",
    "Intl",
    "Iterator",
    "JSON",
    "Map",
    "Math",
    "NaN",
    "Number",
    "Object",
  ],
  ...["Promise", "Proxy", "RangeError", "ReferenceError", "Reflect", "RegExp", "Set", "String"],
  ...["SuppressedError", "Symbol", "SyntaxError", "TypeError", "URIError", "Uint16Array"],
  ...["Uint32Array", "Uint8Array", "Uint8ClampedArray", "WeakMap", "WeakSet", "decodeURI"],
  ...["decodeURIComponent", "encodeURI", "encodeURIComponent", "escape", "eval", "globalThis"],
  ...["isFinite", "isNaN", "parseFloat", "parseInt", "tool", "undefined", "unescape"],
];

test("a tool finds on its global just what stands in the list", async (t) => {
  const { run } = bench(t);
  const found = endOf(await run("return Object.getOwnPropertyNames(globalThis).sort();"));
  t.strictSame(found, globals);
});

/** Each must give the value that says that nothing was reached. */
const attempts: readonly [string, string, unknown][] = [
  [
    "the constructor of the global",
    "return typeof this.constructor.constructor('return process')();",
    "GUEST_ERROR",
  ],
  [
    "a function's constructor",
    "return (() => {}).constructor('return typeof process + typeof require')();",
    "undefinedundefined",
  ],
  [
    "an async function's constructor",
    "return (async () => {}).constructor('return typeof process')();",
    "undefined",
  ],
  [
    "a generator's constructor",
    "return [...(function* () {}).constructor('yield typeof process')()][0];",
    "undefined",
  ],
  [
    "the constructor of what the host gave",
    "return host.files.read.constructor('return typeof process')();",
    "undefined",
  ],
  [
    "the constructor of the host's log",
    "return host.log.constructor.constructor('return typeof process')();",
    "undefined",
  ],
  [
    "the constructor of a host promise",
    "const p = host.files.read('x'); return p.constructor === Promise && p instanceof Promise;",
    true,
  ],
  [
    "the constructor of a host error",
    "return host.files.read('x').catch((e) => e.constructor.constructor('return typeof process')());",
    "undefined",
  ],
  [
    "the constructor of the arguments",
    "return args.constructor.constructor('return typeof process')();",
    "undefined",
  ],
  [
    "the caller from a getter that the bootstrap runs",
    "let c = 'none'; return { toJSON: function f() { try { c = String(f.caller); } catch { c = 'refused'; } return c; } };",
    "null",
  ],
  ["import", "return import('node:fs');", "GUEST_ERROR"],
  [
    "import of a data address",
    "return import('data:text/javascript,export default 1');",
    "GUEST_ERROR",
  ],
  [
    "require and the rest",
    "return [typeof require, typeof module, typeof process, typeof Deno, typeof Bun, typeof global, typeof window, typeof self].join();",
    Array(8).fill("undefined").join(),
  ],
  [
    "clocks and timers",
    "return [typeof setTimeout, typeof setInterval, typeof queueMicrotask, typeof performance, typeof console].join();",
    Array(5).fill("undefined").join(),
  ],
  [
    "machine code and shared memory",
    "return [typeof WebAssembly, typeof SharedArrayBuffer, typeof Atomics, typeof WeakRef, typeof FinalizationRegistry].join();",
    Array(5).fill("undefined").join(),
  ],
  [
    "machine code through a new realm's function",
    "return Function('return typeof WebAssembly')();",
    "undefined",
  ],
  [
    "call sites",
    "Error.prepareStackTrace = (_, sites) => sites.map((s) => [typeof s.getThis(), typeof s.getFunction(), s.getFileName(), s.getEvalOrigin()]); const s = JSON.stringify(new Error('x').stack); return /\\/|node|worker|isolated-vm\\.node/.test(s.replaceAll('<isolated-vm>', ''));",
    false,
  ],
  [
    "the symbol that prints values",
    "return Symbol.for('nodejs.util.inspect.custom') in host;",
    false,
  ],
];

test("reaches nothing of the worker", async (t) => {
  const { run } = bench(t);
  for (const [name, body, expected] of attempts) {
    t.strictSame(endOf(await run(body)), expected, name);
  }
});

test("the chain of callers ends at the tool", async (t) => {
  const { run } = bench(t);
  const code = `var tool = { run: function run() {
    function f() {
      const names = [];
      for (let c = f; c && names.length < 9; c = c.caller) names.push(c.name);
      return names.join();
    }
    return f();
  } };`;
  t.equal(endOf(await run("", { code })), "f,run");
});

test("no object of the library can be walked to", async (t) => {
  const { run } = bench(t);
  const walk = `
    const seen = new Set(); const names = new Set(); const queue = [globalThis, args, host];
    while (queue.length > 0 && seen.size < 20000) {
      const value = queue.pop();
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue;
      seen.add(value);
      queue.push(Object.getPrototypeOf(value));
      for (const key of Reflect.ownKeys(value)) {
        const d = Reflect.getOwnPropertyDescriptor(value, key);
        queue.push(d.value, d.get, d.set);
        names.add(String(key));
      }
    }
    return ['Reference', 'ExternalCopy', 'Isolate', 'Callback', 'applySync', 'applySyncPromise', 'deref', 'derefInto', 'dispose_'].filter((n) => names.has(n));`;
  t.strictSame(endOf(await run(walk)), []);
});

const errors: readonly string[] = [
  "throw new Error('x');",
  "null.x;",
  "throw { name: 'N', message: 'm' };",
  "return JSON.parse('{');",
  "return 10n;",
  "host.files.read('x'); throw new Error('at ' + new Error('y').stack);",
];
test("an error tells its message, and no path or stack of ours", async (t) => {
  const { run } = bench(t);
  for (const body of errors) {
    const result = await run(body);
    t.equal(result.kind, "failed");
    if (result.kind !== "failed") continue;
    t.equal(result.code, "GUEST_ERROR");
    t.ok(result.detail.length > 0 && result.detail.length <= 500);
    t.notMatch(result.detail, /\/work|\/app|node_modules|node:|\.ts|\.js|file:/, result.detail);
  }
});

const ends: readonly [string, string][] = [
  ["a bundle that is no script", "var tool = {"],
  ["a bundle without a tool", "1"],
  ["a tool without run", "var tool = {};"],
  [
    "a tool that is a getter that throws",
    "Object.defineProperty(globalThis, 'tool', { get() { throw new Error('x'); } });",
  ],
  ["a bundle that throws", "throw new Error('x');"],
];
test("a bundle that is none ends as the tool's own error", async (t) => {
  const { run } = bench(t);
  for (const [name, code] of ends) t.equal(endOf(await run("", { code })), "GUEST_ERROR", name);
});

test("one call leaves nothing behind for the next", async (t) => {
  const { run } = bench(t);
  await run(
    "globalThis.left = 1; Object.prototype.left = 1; Array.prototype.map = null; JSON.parse = null; Promise.prototype.then = null;",
  );
  t.strictSame(
    endOf(
      await run(
        "return [typeof left, typeof ({}).left, typeof [].map, typeof JSON.parse, typeof Promise.prototype.then];",
      ),
    ),
    ["undefined", "undefined", ...Array(3).fill("function")],
  );
  t.strictSame(({} as { left?: number }).left, undefined);
});

const values: readonly [string, string, unknown][] = [
  ["nothing", "return;", null],
  ["a function", "return () => 1;", null],
  ["a symbol", "return Symbol();", null],
  ["not a number", "return [NaN, Infinity, -0];", [null, null, 0]],
  ["a date", "return new Date(0);", "1970-01-01T00:00:00.000Z"],
  ["a map", "return new Map([[1, 2]]);", {}],
  ["a large integer", "return 1n;", "GUEST_ERROR"],
  ["lone surrogates", "return '\\ud800';", "\ud800"],
  ["a NUL", "return '\\u0000';", "\u0000"],
  ["a sparse array", "const a = []; a.length = 3; return a;", [null, null, null]],
  ["a promise", "return Promise.resolve(7);", 7],
  ["a thenable", "return { then(f) { f(7); } };", 7],
  ["a thenable in a thenable", "return { then(f) { f({ then(g) { g(7); } }); } };", 7],
  ["a thenable that calls twice", "return { then(f, g) { f(1); f(2); g(3); } };", 1],
];
test("what a tool returns becomes JSON or an error, never anything else", async (t) => {
  const { run } = bench(t);
  for (const [name, body, expected] of values) t.strictSame(endOf(await run(body)), expected, name);
});

test("a key that names the prototype is a key like any other", async (t) => {
  const { run } = bench(t);
  const result = await run('return JSON.parse(\'{"__proto__":{"x":1}}\');');
  t.equal(result.kind === "output" && result.output, '{"__proto__":{"x":1}}');
});
