import tap, { test } from "tap";
import { type Attack, allFiles, bench, holdAll } from "./isolate-fixtures.ts";

tap.setTimeout(110_000);

const typeOfProcess = "constructor('return typeof process')()";

/** What the language calls by itself: thenables, species, traps, conversions, iterators. */
const attacks: readonly Attack[] = [
  [
    "I13",
    "an async generator that is told to return a thenable",
    `async function* g() { yield 1; } const r = await g().return({ then(f) { f(f.${typeOfProcess}); } }); return r.value;`,
    "undefined",
  ],
  [
    "I13",
    "the same, delegated to an iterator of its own",
    `const own = { [Symbol.asyncIterator]() { return { next: () => ({ done: true, value: { then(f, g) { g(f.${typeOfProcess}); } } }) }; } }; async function* g() { return yield* own; } return g().next().catch((e) => e);`,
    "undefined",
  ],
  [
    "I13",
    "a generator whose return throws what it was given",
    `async function* g() { try { yield 1; } finally { await { then(f, r) { r(new RangeError(f.${typeOfProcess})); } }; } } const it = g(); await it.next(); return it.return(host).catch((e) => e.message + e.constructor.${typeOfProcess});`,
    "undefinedundefined",
  ],
  [
    "I14",
    "a species that collects what the host answers",
    `const seen = []; class P extends Promise { static get [Symbol.species]() { return function (run) { run((v) => seen.push(v), (e) => seen.push(e.constructor.${typeOfProcess})); }; } } const p = host.files.read('none'); Object.defineProperty(p, 'constructor', { value: P }); p.then(() => 0, () => 0); await p.catch(() => 0); return seen.filter((v) => v !== 0 && v !== 'undefined').length;`,
  ],
  [
    "I14",
    "a then that sees who calls it",
    `const seen = new Set(); const old = Promise.prototype.then; Promise.prototype.then = function (f, g) { seen.add(f && f.${typeOfProcess}); seen.add(typeof this); return old.call(this, f, g); }; await host.files.read('a.txt'); await host.files.read('none').catch(() => 0); return [...seen].sort();`,
  ],
  [
    "I14",
    "a then on every object, when the host's answer arrives",
    "Object.prototype.then = function (f) { f(Object.keys(this).join()); }; return await host.files.list('.');",
  ],
  [
    "I15",
    "an array that makes others",
    "class A extends Array { static get [Symbol.species]() { throw new Error('species'); } } const a = A.of('a.txt'); a.constructor = { [Symbol.species]: function () { return a; } }; return host.files.read(a);",
    "FILES_FAILED",
  ],
  [
    "I15",
    "a list of headers that is its own copy",
    "const h = []; h.constructor = function () { return h; }; h.constructor[Symbol.species] = h.constructor; h.concat = h.map = () => h; return host.fetch({ url: 'http://x.test/', headers: h }).catch((e) => e.code.startsWith('EGRESS'));",
    true,
  ],
  [
    "I16",
    "all thirteen traps, as the argument of each host function",
    `const after = []; let sent = false; const traps = {}; for (const k of Object.getOwnPropertyNames(Reflect)) traps[k] = (...a) => { if (sent) after.push(k); return Reflect[k](...a); };
     const spy = () => new Proxy({ url: 'http://x.test/' }, traps); const waits = [];
     for (const f of [host.fetch, host.secret, host.files.read, host.files.list, (p) => host.files.write(p, p)]) waits.push(f(spy()).catch(() => 0));
     host.log(spy()); sent = true; await Promise.all(waits); return [Object.keys(traps).length, after];`,
    [13, []],
  ],
  [
    "I16",
    "a proxy of a function, and one that was revoked",
    "const { proxy, revoke } = Proxy.revocable({}, {}); const p = host.files.read(new Proxy(() => 1, { apply() { throw 1; }, get() { return undefined; } })); revoke(); return Promise.allSettled([p, host.files.read(proxy)]).then((all) => all.map((a) => a.reason.name + (a.reason.code ?? '')));",
    ["ErrorFILES_FAILED", "TypeError"],
  ],
  [
    "I17",
    "an object that turns into a path",
    "const counts = { json: 0, text: 0 }; const path = { toJSON() { counts.json++; return 'a.txt'; }, toString() { counts.text++; return '../canary.txt'; }, valueOf() { counts.text++; return '../canary.txt'; }, [Symbol.toPrimitive]() { counts.text++; return '../canary.txt'; } }; return [await host.files.read(path), counts];",
    ["alpha", { json: 1, text: 0 }],
  ],
  [
    "I17",
    "an object that logs",
    "host.log({ toString() { throw new Error('read'); }, toJSON() { throw new Error('read'); } }); return 1;",
    1,
  ],
  [
    "I18",
    "a path that is another one the second time",
    "let reads = 0; const path = new Proxy({}, { get(_, key) { reads++; return key === 'toJSON' ? () => (reads === 1 ? 'a.txt' : '../canary.txt') : undefined; } }); return [await host.files.read(path), reads];",
    ["alpha", 1],
  ],
  [
    "I18",
    "a getter of a request",
    "let reads = 0; await host.fetch({ get url() { reads++; return reads === 1 ? 'http://x.test/' : 'http://y.test/'; } }).catch(() => 0); return reads;",
    1,
  ],
  [
    "I18",
    "a returned value that is another one the second time",
    "let reads = 0; return { get a() { return ++reads; } };",
    { a: 1 },
  ],
  [
    "I21",
    "a suppressed error of the host",
    `try { using d = { [Symbol.dispose]() { throw new Error('mine'); } }; await host.files.read('none'); } catch (e) { return [e.name, e.suppressed.code, e.suppressed.constructor.${typeOfProcess}]; }`,
    ["SuppressedError", "FILES_FAILED", "undefined"],
  ],
  [
    "I21",
    "errors of the host together",
    `return Promise.any([host.files.read('m'), host.files.read('n')]).catch((e) => e.errors.map((one) => one.constructor.${typeOfProcess}));`,
    ["undefined", "undefined"],
  ],
  [
    "I21",
    "a stack of what is to be disposed of",
    "const s = new AsyncDisposableStack(); s.defer(() => { throw host; }); s.defer(() => host.files.read('none')); return s.disposeAsync().catch((e) => [e.name, e.error === host, e.suppressed.code]);",
    ["SuppressedError", true, "FILES_FAILED"],
  ],
  [
    "I22",
    "a tag of exceptions",
    "return typeof WebAssembly === 'undefined' || WebAssembly.JSTag;",
    true,
  ],
  [
    "I22",
    "a module of machine code",
    "return new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));",
    "GUEST_ERROR",
  ],
  ["I24", "a console", "return typeof console;", "undefined"],
  [
    "I24",
    "the constructor of the log",
    `return host.log.constructor.${typeOfProcess};`,
    "undefined",
  ],
  [
    "I24",
    "what the log gives back",
    "return [host.log('x'), host.log.call(null, 'x'), Reflect.ownKeys(host.log).length];",
    [null, null, 2],
  ],
  ["X01", "a time-out that is none", "Promise.reject('Script execution timed out.'); return 1;"],
  [
    "X01",
    "a memory limit that is none",
    "Promise.reject(new Error('Isolate was disposed during execution due to memory limit')); return new Promise(() => {});",
    "GUEST_ERROR",
  ],
  [
    "X01",
    "an allocation that did not fail",
    "throw new RangeError('Array buffer allocation failed');",
    "GUEST_ERROR",
  ],
  [
    "X01",
    "words of the protocol that nobody handles",
    "for (const w of ['crash', 'memory', 'wall', 'requests']) Promise.reject('[\"' + w + '\"]'); return new Promise(() => {});",
    "GUEST_ERROR",
  ],
  [
    "X01",
    "words of the protocol that are thrown",
    "throw '[\"crash\"]';",
    "GUEST_ERROR",
    { isAsync: false },
  ],
  ["X01", "words of the protocol, as a text", "return '[\"crash\"]';", '["crash"]'],
  [
    "X01",
    "words of the protocol",
    "const e = new Error('[\"crash\"]'); e.name = '[\"memory\"]'; e.code = 'SANDBOX_CRASH'; throw e;",
    "GUEST_ERROR",
  ],
  [
    "X02",
    "each well-known symbol on each prototype",
    "let hits = 0; for (const C of [Object, Function, String, Array, Promise, Error, Number]) for (const k of Object.getOwnPropertyNames(Symbol)) { const s = Symbol[k]; if (typeof s === 'symbol' && !(s in C.prototype)) Object.defineProperty(C.prototype, s, { configurable: true, get() { hits++; return undefined; } }); } host.log('x'); return { hits };",
    { hits: 0 },
  ],
  [
    "X02",
    "accessors for the names that the bootstrap uses",
    "const names = 'resolve reject get set value configurable enumerable writable code path text message name then length 0 1 2'.split(' '); let hits = 0; const own = Object.getOwnPropertyNames(Object.prototype); for (const n of names) if (!own.includes(n)) Object.defineProperty(Object.prototype, n, { __proto__: null, configurable: true, get() { hits++; return undefined; }, set() { hits++; throw new Error(n); } }); return host.files.read('a.txt').then((text) => text);",
    "alpha",
  ],
  [
    "X03",
    "a request at the end of the stack, and then nothing",
    "let n = 0; (function f() { try { f(); } catch {} if (n++ < 40) try { host.files.read('a.txt').catch(() => 0); } catch {} })(); await new Promise(() => {});",
  ],
  [
    "X03",
    "a request at the end of the stack, and one more",
    "let n = 0; (function f() { try { f(); } catch {} if (n++ < 40) try { host.files.read('a.txt').catch(() => 0); } catch {} })(); return await host.files.read('a.txt');",
    "alpha",
  ],
  [
    "X03",
    "an error whose name has no end",
    "Object.defineProperty(Error.prototype, 'name', { get() { const f = () => f(); return f(); } }); throw new RangeError('x');",
    "GUEST_ERROR",
  ],
  [
    "X04",
    "a tool behind a getter",
    "",
    1,
    {
      code: "let n = 0; Object.defineProperty(globalThis, 'tool', { get() { n++; return { run: () => n }; } });",
    },
  ],
  [
    "X04",
    "another global",
    "",
    "other",
    {
      code: "Object.defineProperty(globalThis, 'globalThis', { value: { tool: { run: () => 'other' } } });",
    },
  ],
  [
    "X04",
    "another eval and parser",
    "",
    { x: 1 },
    {
      code: "globalThis.eval = JSON.parse = () => 1; var tool = { run: (args) => args };",
      input: '{"x":1}',
    },
  ],
  [
    "X04",
    "run that is a proxy",
    "",
    "GUEST_ERROR",
    {
      code: "var tool = { run: new Proxy(() => 1, { apply(f, self, args) { throw new Error(String(args.length)); } }) };",
    },
  ],
];

test("what the language calls by itself is called in the guest alone", async (t) => {
  await holdAll(t, bench(t, 2, { permissions: allFiles, isAsync: true }), attacks);
});
