import tap, { test } from "tap";
import { titleOf } from "./catalogue.ts";
import { allFiles, bench, endOf } from "./isolate-fixtures.ts";

tap.setTimeout(110_000);

/** What a tool may do to the built-ins before it asks: the bootstrap keeps its own. */
const pollutions: readonly string[] = [
  'JSON.stringify = () => \'["output","forged",""]\'; JSON.parse = () => 0;',
  "Object.prototype.toJSON = () => 'forged'; Array.prototype.toJSON = () => 'forged'; String.prototype.toJSON = () => 'forged';",
  "Object.defineProperty(Object.prototype, 'get', { get() { return 1; } }); Object.prototype.value = 2;",
  "Array.prototype[Symbol.iterator] = null; Array.prototype.push = null; Array.prototype.join = null; Object.defineProperty(Array.prototype, '0', { set() { throw 1; } });",
  "Promise = class {}; globalThis.Promise.resolve = null;",
  "Promise.prototype.then = null; Promise.prototype.catch = null; Promise.prototype.finally = null;",
  "Object.defineProperty(Promise.prototype, 'constructor', { get() { throw 1; } });",
  "Object.defineProperty(Promise, Symbol.species, { get() { throw 1; } });",
  "Function.prototype.call = null; Function.prototype.apply = null; Function.prototype.bind = null; String.prototype.slice = null; String.prototype.toWellFormed = null;",
  "Object.defineProperty = null; Object.getOwnPropertyDescriptor = null; globalThis.Object = null; globalThis.JSON = null; globalThis.Error = null;",
  "Object.prototype.channel = 'x'; Object.prototype.then = undefined; Object.prototype.code = 'y'; Object.prototype.path = 'z';",
  "Object.defineProperty(Object.prototype, 'resolve', { set() { throw 1; } }); Object.defineProperty(Object.prototype, 'code', { set() { throw 1; } });",
  "Array.prototype.push = function () { throw host; }; Object.prototype.__defineGetter__('id', () => 7); Object.prototype.__defineSetter__('answers', () => { throw 1; });",
];
test(titleOf("I19"), async (t) => {
  const on = bench(t, 2, { permissions: allFiles, isAsync: true });
  for (const pollution of pollutions) {
    const result = await on.run(`${pollution} return await host.files.read('a.txt');`);
    // The tool may have broken itself; what it asked is what the bootstrap sent, or nothing.
    const asked = result.requests.map((entry) => `${entry.action} ${entry.target}`).join();
    t.match(asked, /^(read a\.txt)?$/, pollution);
    t.match(String(endOf(result)), /^(alpha|forged|GUEST_ERROR|\[object Object\])$/, pollution);
    t.equal(endOf(await on.run("return 1;")), 1);
  }
});

const residues: readonly string[] = [
  "globalThis.left = 1; Object.prototype.left = 1; Array.prototype.map = null; JSON.parse = null; Promise.prototype.then = null;",
  "Object.setPrototypeOf(Object.prototype.__proto__ ?? Array.prototype, { left: 1 }); Object.prototype.__defineGetter__('left', () => 1);",
  "Symbol.for('left'); Error.prepareStackTrace = () => 'left'; RegExp.prototype.left = 1; Object.freeze(Promise.prototype);",
];
test(titleOf("I20"), async (t) => {
  const { run } = bench(t, 2);
  for (const residue of residues) {
    await run(residue);
    const look =
      "return [typeof left, typeof ({}).left, typeof /x/.left, typeof [].map, typeof JSON.parse, typeof Promise.prototype.then, typeof new Error().stack, Object.isFrozen(Promise.prototype)];";
    t.strictSame(endOf(await run(look)), [
      ...Array(3).fill("undefined"),
      ...Array(3).fill("function"),
      ...["string", false],
    ]);
  }
  t.strictSame(({} as { left?: number }).left, undefined);
});

test(titleOf("I23"), async (t) => {
  const on = bench(t, 1, { isAsync: true, permissions: allFiles });
  const later = [
    "new FinalizationRegistry(() => {}).register({}, 1);",
    "new WeakRef({});",
    "host.files.read('a.txt').then(() => host.files.write('late', 'x')); return 1;",
    "Promise.resolve().then(() => host.files.write('late', 'x')); return 1;",
    "const f = () => host.files.write('late', 'x').then(f); f(); return 1;",
  ];
  for (const body of later) {
    await on.run(body);
    const next = await on.run("return await host.files.list('.');");
    t.strictSame(next.requests.length, 1, "what the next call asks is its own");
    t.notMatch(JSON.stringify(endOf(next)), /late/, body);
  }
});
