import tap, { test } from "tap";
import { titleOf } from "./catalogue.ts";
import { type Attack, allFiles, bench, endOf, holdAll } from "./isolate-fixtures.ts";

tap.setTimeout(110_000);

/** What a tool finds on its global; a new name after an upgrade has to be looked at by a person. */
const globals = `AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array
  BigUint64Array Boolean DataView Date DisposableStack Error EvalError Float16Array Float32Array
  Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN
  Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String SuppressedError
  Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap
  WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite
  isNaN parseFloat parseInt tool undefined unescape`;

test(titleOf("I09"), async (t) => {
  const { run } = bench(t);
  const found = endOf(await run("return Reflect.ownKeys(globalThis).map(String).sort();"));
  t.strictSame(found, globals.split(/\s+/));
});

const none = (count: number): string => Array(count).fill("undefined").join();

/** Each must give the value that says that nothing was reached. */
const attempts: readonly Attack[] = [
  [
    "I01",
    "the constructor of the global",
    "return typeof this.constructor.constructor('return process')();",
    "GUEST_ERROR",
  ],
  [
    "I01",
    "a function's constructor",
    "return (() => {}).constructor('return typeof process + typeof require')();",
    "undefinedundefined",
  ],
  [
    "I01",
    "the constructor of the arguments",
    "return args.constructor.constructor('return typeof process')();",
    "undefined",
  ],
  [
    "I01",
    "the constructor of an error of the engine",
    "try { null.x; } catch (e) { return e.constructor.constructor('return typeof process')(); }",
    "undefined",
  ],
  [
    "I02",
    "an async function's constructor",
    "return (async () => {}).constructor('return typeof process')();",
    "undefined",
  ],
  [
    "I02",
    "a generator's constructor",
    "return [...(function* () {}).constructor('yield typeof process')()][0];",
    "undefined",
  ],
  [
    "I02",
    "an async generator's constructor",
    "return (async function* () {}).constructor('yield typeof process')().next().then((r) => r.value);",
    "undefined",
  ],
  ["I03", "a made function", "return new Function('return this')() === globalThis;", true],
  [
    "I03",
    "indirect eval",
    "return (0, eval)('typeof process + typeof args + typeof ivm');",
    "undefinedundefinedundefined",
  ],
  [
    "I03",
    "a made function's globals",
    "return Function('return typeof WebAssembly')();",
    "undefined",
  ],
  [
    "I04",
    "call sites",
    "Error.stackTraceLimit = Infinity; Error.prepareStackTrace = (_, sites) => sites.map((s) => [typeof s.getThis(), s.getFileName(), s.getEvalOrigin(), s.getScriptNameOrSourceURL()]); const s = JSON.stringify(new Error('x').stack); return /\\/|node|worker|isolated-vm\\.node/.test(s.replaceAll('<isolated-vm>', ''));",
    false,
  ],
  [
    "I04",
    "functions and receivers of the bootstrap's call sites",
    "let found; Error.stackTraceLimit = Infinity; Error.prepareStackTrace = (_, sites) => sites.filter((s) => s.getScriptNameOrSourceURL()).map((s) => [typeof s.getThis(), typeof s.getFunction()].join()); host.log(1); return host.files.read({ toJSON() { found = new Error('x').stack; return 'a.txt'; } }).then(() => [...new Set(found)]);",
    ["undefined,undefined"],
  ],
  [
    "I05",
    "a stack that is captured on an object",
    "Error.stackTraceLimit = Infinity; const o = {}; Error.captureStackTrace(o); return /\\/|node:|\\.ts|\\.js\\b/.test(o.stack);",
    false,
  ],
  [
    "I05",
    "the stack of the host's own error",
    "Error.stackTraceLimit = Infinity; return host.files.read('none').catch((e) => /\\/|node:|\\.ts|\\.js\\b/.test(e.stack));",
    false,
  ],
  [
    "I06",
    "the caller from a getter that the bootstrap runs",
    "return { toJSON: function f() { return String(f.caller); } };",
    "null",
  ],
  [
    "I06",
    "the caller of the callee, up to the host",
    "",
    "f,run",
    {
      code: "var tool = { run: function run() { const names = []; (function f() { for (let c = arguments.callee; c && names.length < 9; c = c.caller) names.push(c.name); })(); return names.join(); } };",
    },
  ],
  [
    "I07",
    "the constructor of what the host gave",
    "return host.files.read.constructor('return typeof process')();",
    "undefined",
  ],
  [
    "I07",
    "the constructor of the host's log",
    "return host.log.constructor.constructor('return typeof process')();",
    "undefined",
  ],
  [
    "I07",
    "the constructor of a host promise",
    "const p = host.files.read('x'); return p.constructor === Promise && p instanceof Promise;",
    true,
  ],
  [
    "I07",
    "the constructor of a host error",
    "return host.files.read('x').catch((e) => e.constructor.constructor('return typeof process')());",
    "undefined",
  ],
  [
    "I08",
    "the prototypes of what the host gave",
    "return [host, host.files, host.log, host.fetch].map((v) => Object.getPrototypeOf(v)).every((p) => p === Object.prototype || p === Function.prototype);",
    true,
  ],
  [
    "I08",
    "a borrowed receiver",
    "const seen = []; const self = new Proxy({}, { get(_, k) { seen.push(String(k)); } }); return host.files.read.call(self, 'a.txt').then((text) => host.files.read.bind(self)('a.txt').then(() => [text, seen]));",
    ["alpha", []],
  ],
  [
    "I08",
    "a construction",
    "const errors = []; for (const f of [host.log, host.fetch, host.secret, host.files.read]) for (const make of [() => new f(), () => Reflect.construct(f, [], Object), () => Reflect.construct(Object, [], f)]) try { make(); errors.push('made'); } catch (e) { errors.push(e.name); } return [...new Set(errors)];",
    ["TypeError"],
  ],
  [
    "I08",
    "the text of what the host gave",
    "return /\\/|node:|require|process/.test(String(host.files.read) + host.log);",
    false,
  ],
  ["I11", "import", "return import('node:fs');"],
  ["I11", "import of a data address", "return import('data:text/javascript,export default 1');"],
  [
    "I11",
    "import with attributes",
    "return import('data:application/json,1', { with: { type: 'json' } });",
  ],
  ["I11", "import of a source", "return import.source('x');"],
  ["I11", "what a module knows of itself", "return eval('import.meta');"],
  ["I11", "a realm of its own", "return new ShadowRealm().importValue('x', 'y');"],
  ["I11", "functions of the engine", "return eval('%GetOptimizationStatus(1)');"],
  [
    "I12",
    "require and the rest",
    "return [typeof require, typeof module, typeof process, typeof Deno, typeof Bun, typeof global, typeof window, typeof self, typeof ivm, typeof structuredClone].join();",
    none(10),
  ],
  [
    "I12",
    "machine code and shared memory",
    "return [typeof WebAssembly, typeof SharedArrayBuffer, typeof Atomics, typeof WeakRef, typeof FinalizationRegistry].join();",
    none(5),
  ],
  [
    "I12",
    "the symbol that prints values",
    "return Symbol.for('nodejs.util.inspect.custom') in host;",
    false,
  ],
  [
    "I25",
    "names of the bootstrap",
    "return [typeof \\u0065nter, typeof set\\u{74}le, typeof stringify, typeof openCount, typeof hostCalls, typeof words, typeof bootstrap].join();",
    none(7),
  ],
  [
    "I25",
    "one-letter names, as after minifying, spoken and computed",
    "const found = []; for (const n of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$') { if ((0, eval)('typeof ' + n) !== 'undefined' || n in globalThis) found.push(n); } return found;",
    [],
  ],
  [
    "I25",
    "names inside a scope that is the global, or the host",
    "return Function('h', 'with (globalThis) with (h) return typeof enter + typeof start + typeof e')(host);",
    none(3).replaceAll(",", ""),
  ],
];

test("reaches nothing of the worker", async (t) => {
  await holdAll(t, bench(t, 2, { permissions: allFiles }), attempts);
});

test(titleOf("I10"), async (t) => {
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
