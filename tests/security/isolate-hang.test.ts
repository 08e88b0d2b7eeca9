import tap, { test } from "tap";
import { type Attack, allFiles, bench, holdAll } from "./isolate-fixtures.ts";

tap.setTimeout(110_000);

const hang = "for (;;);";

/** One-line scripts; each hangs or floods a host that trusts `isolated-vm`'s own limits. */
const attacks: readonly Attack[] = [
  ["R01", "an endless loop", hang],
  ["R01", "an endless loop at the top of the bundle", "", undefined, { code: hang }],
  ["R01", "a loop once the host has answered", `await host.files.list('.'); ${hang}`],
  [
    "R01",
    "a loop in what runs after the tool has returned",
    `Promise.resolve().then(() => { ${hang} }); return 1;`,
  ],
  ["R01", "a loop in code that an agent wrote", hang, undefined, { author: "agent" }],
  ["R02", "a flood of promise jobs", "const f = () => Promise.resolve().then(f); return f();"],
  [
    "R02",
    "a flood that the tool does not wait for",
    "const f = () => Promise.resolve().then(f); f(); return 1;",
  ],
  ["R02", "a loop over awaits", "for (;;) await null;"],
  [
    "R02",
    "an async generator without end",
    "for await (const x of (async function* () { for (;;) yield 1; })());",
  ],
  [
    "R02",
    "a list made of one",
    "return Array.fromAsync({ async *[Symbol.asyncIterator]() { for (;;) yield 1; } });",
  ],
  ["R03", "in a returned value", `return { toJSON() { ${hang} } };`],
  ["R03", "in a returned getter", `return { get x() { ${hang} } };`],
  ["R03", "in a returned proxy", `return new Proxy({}, { ownKeys() { ${hang} } });`],
  ["R03", "in a thenable", `return { then() { ${hang} } };`],
  ["R03", "in the getter of one", `return { get then() { ${hang} } };`],
  [
    "R03",
    "in a then on every object, when the host answers",
    `Object.defineProperty(Object.prototype, 'then', { get() { ${hang} } }); return await host.files.list('.');`,
  ],
  ["R03", "in an argument of the host", `host.files.read({ toJSON() { ${hang} } });`],
  [
    "R03",
    "in a species of the host's promise",
    `Object.defineProperty(Promise.prototype, 'constructor', { get() { ${hang} } }); host.files.read('a.txt');`,
  ],
  [
    "R03",
    "in an iterator",
    "for (const x of { [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) });",
  ],
  ["R03", "in a conversion", `String({ [Symbol.toPrimitive]() { ${hang} } });`],
  ["R03", "in an instance check", `1 instanceof { [Symbol.hasInstance]() { ${hang} } };`],
  ["R03", "in a tagged template", `((t) => { ${hang} })\`x\`;`],
  ["R03", "in a static block", `class A { static { ${hang} } }`],
  ["R03", "in what is disposed of", `using x = { [Symbol.dispose]() { ${hang} } };`],
  ["R03", "in a comparison", `[3, 1, 2].sort(() => { ${hang} });`],
  ["R03", "in a replacement", `'x'.replace(/x/, () => { ${hang} });`],
  ["R03", "in a reviver", `JSON.parse('[1]', () => { ${hang} });`],
  [
    "R04",
    "an error whose message never ends",
    `const e = new Error('x'); Object.defineProperty(e, 'message', { get() { ${hang} } }); throw e;`,
    "TIMEOUT_CPU",
  ],
  ["R04", "an error whose name never ends", `throw { get name() { ${hang} } };`, "TIMEOUT_CPU"],
  ["R04", "an error whose code never ends", `throw { get code() { ${hang} } };`, "TIMEOUT_CPU"],
  [
    "R04",
    "an error whose stack never ends",
    `const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { ${hang} } }); throw e;`,
    "GUEST_ERROR",
  ],
  [
    "R05",
    "a proxy",
    `const f = () => { ${hang} }; throw new Proxy({}, { get: f, getPrototypeOf: f, has: f, ownKeys: f });`,
  ],
  [
    "R06",
    "a stack trace for an error of the engine",
    `Error.prepareStackTrace = () => { ${hang} }; null.x;`,
  ],
  [
    "R06",
    "a stack trace for an error of the host",
    `Error.prepareStackTrace = () => { ${hang} }; await host.files.read('none');`,
    "FILES_FAILED",
  ],
  [
    "R07",
    "a proxy",
    `const f = () => { ${hang} }; Promise.reject(new Proxy({}, { get: f, getPrototypeOf: f })); return 1;`,
    1,
  ],
  [
    "R07",
    "an error whose message never ends",
    `const e = new Error('x'); Object.defineProperty(e, 'message', { get() { ${hang} } }); Promise.reject(e); return 1;`,
    1,
  ],
  ["R08", "a promise that never settles", "return new Promise(() => {});", "GUEST_ERROR"],
  ["R08", "a thenable that never calls back", "return { then() {} };", "GUEST_ERROR"],
  [
    "R08",
    "a hundred thousand of them",
    "const all = []; for (let i = 0; i < 1e5; i++) all.push(new Promise(() => {})); return Promise.all(all);",
  ],
  ["R09", "a wait", "Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0);"],
  ["R09", "a wait that does not block", "return Atomics.waitAsync(new Int32Array(8), 0, 0).value;"],
  ["R10", "repetition of a repetition", "/^(a+)+$/.test('a'.repeat(40) + 'b');"],
  ["R10", "two repetitions that share", "/(x+x+)+y/.test('x'.repeat(50));"],
  ["R10", "references back", "/^(a*)*(\\1)*(\\1)*(\\1)*$/.test('a'.repeat(60) + 'b');"],
  ["R10", "behind the place", "/(?<=^(?:a+)+)b/.test('x' + 'a'.repeat(40) + 'b');"],
  [
    "R10",
    "sets of characters",
    "/^[\\p{L}--[a-z]]*(?:[\\p{L}&&[A-Z]]+)+$/v.test('A'.repeat(50) + '1');",
  ],
  ["R10", "sets of strings", "/^(?:\\p{RGI_Emoji}+)+$/v.test('\\u{1F600}'.repeat(40) + 'x');"],
  ["R16", "a function", "const f = () => f(); f();"],
  ["R16", "a proxy", "const p = new Proxy({}, { get: (t, k, r) => r[k] }); p.x;"],
  ["R16", "a conversion", "const o = { toString: () => String(o) }; String(o);"],
  ["R16", "a value that contains itself", "const o = {}; o.o = o; return o;"],
  [
    "R16",
    "a value that makes more of itself",
    "const f = () => ({ toJSON: f, a: f }); return { toJSON() { const g = () => g(); return g(); } };",
  ],
  ["R16", "nested text that is parsed", "JSON.parse('['.repeat(1e6));"],
  ["R16", "a nested pattern", "new RegExp('('.repeat(1e5) + ')'.repeat(1e5));"],
  [
    "R16",
    "a nested value that is returned",
    "let o = {}; for (let i = 0; i < 2e4; i++) o = { o }; return o;",
  ],
  [
    "R16",
    "an error that throws when it is read",
    "throw { get message() { throw this; }, get name() { throw this; } };",
  ],
  [
    "R17",
    "a request at the end of the stack",
    "(function f() { try { f(); } catch {} host.files.read('a.txt').catch(() => 0); })();",
  ],
  [
    "R17",
    "a log at the end of the stack",
    "(function f() { try { f(); } catch {} host.log('x'); })(); return 1;",
  ],
  [
    "R17",
    "an argument that ends the stack",
    "await host.files.read({ toJSON() { const f = () => f(); return f(); } });",
    "GUEST_ERROR",
  ],
  [
    "R23",
    "all timers",
    "return [typeof setTimeout, typeof setInterval, typeof setImmediate, typeof queueMicrotask, typeof performance].join();",
    Array(5).fill("undefined").join(),
  ],
  [
    "R23",
    "a timer called",
    "for (let i = 0; i < 1e6; i++) setTimeout(() => {}, 0);",
    "GUEST_ERROR",
  ],
];

test("each ends in time, and the next calls find a sandbox", async (t) => {
  await holdAll(t, bench(t, 2, { permissions: allFiles, isAsync: true }), attacks);
});
