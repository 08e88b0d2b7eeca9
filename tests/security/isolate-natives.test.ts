import tap, { test } from "tap";
import { type Attack, bench, holdAll } from "./isolate-fixtures.ts";

tap.setTimeout(110_000);

const endless = "{ length: 2 ** 53 - 1 }";

/** Built-ins that run long without looking whether they should stop, and those whose result is huge. */
const bodies: readonly (readonly [string, string])[] = [
  ["indexOf", `Array.prototype.indexOf.call(${endless}, 1);`],
  ["lastIndexOf", `Array.prototype.lastIndexOf.call(${endless}, 1);`],
  ["includes", `Array.prototype.includes.call(${endless}, 1);`],
  ["fill", `Array.prototype.fill.call(${endless}, 1);`],
  ["copyWithin", `Array.prototype.copyWithin.call(${endless}, 1, 0);`],
  ["join", `Array.prototype.join.call(${endless}, '');`],
  ["sort", `Array.prototype.sort.call(${endless});`],
  ["sort of many", "new Array(3e6).fill(0).map((_, i) => -i).sort();"],
  ["unshift", "Array.prototype.unshift.call({ length: 2 ** 53 - 2 }, 1);"],
  ["splice", `Array.prototype.splice.call(${endless}, 0, 2 ** 52);`],
  ["concat", "[].concat({ length: 2 ** 53 - 1, [Symbol.isConcatSpreadable]: true });"],
  ["flat", "const a = []; a.length = 2 ** 32 - 1; a.flat(Infinity);"],
  ["reverse", "const a = []; a.length = 2 ** 32 - 1; a.reverse();"],
  ["from", "Array.from({ length: 2 ** 32 - 1 });"],
  ["apply", "Math.max.apply(null, { length: 2 ** 27 });"],
  ["spread", "Math.max(...Array(2 ** 26));"],
  ["repeat", "'ab'.repeat(2 ** 28).lastIndexOf('c');"],
  ["padEnd", "'x'.padEnd(2 ** 29 - 25, 'ab').split('').length;"],
  ["replaceAll", "'x'.repeat(2 ** 22).replaceAll('x', 'y'.repeat(2 ** 10));"],
  ["normalize", "'\\u0344'.repeat(2 ** 23).normalize('NFKD');"],
  ["localeCompare", "'a'.repeat(2 ** 24).localeCompare('a'.repeat(2 ** 24) + 'b');"],
  ["toUpperCase", "'\\u0390'.repeat(2 ** 24).toUpperCase();"],
  ["raw", `String.raw({ raw: ${endless} });`],
  ["encodeURIComponent", "encodeURIComponent('\\u0800'.repeat(2 ** 24));"],
  ["matchAll", "[...'a'.repeat(1e7).matchAll(/a/g)].length;"],
  ["squares of a large integer", "let x = 3n; for (;;) x *= x;"],
  ["powers of one", "2n ** 2n ** 29n;"],
  ["digits of one", "String(7n ** 2000000n);"],
  ["indent of JSON", "JSON.stringify(Array(2 ** 20).fill([[]]), null, ' '.repeat(10));"],
  [
    "JSON of a rope",
    "let s = ''; for (let i = 0; i < 27; i++) s = s + s + 'ab'; JSON.stringify(s);",
  ],
  ["numbers as text", "Array(2 ** 22).fill(1).toLocaleString();"],
  [
    "dates as text",
    "for (;;) new Date(2 ** 50).toLocaleString('de', { timeZone: 'Europe/Berlin' });",
  ],
  [
    "words of a text",
    "[...new Intl.Segmenter('th', { granularity: 'word' }).segment('\\u0e01'.repeat(2 ** 22))];",
  ],
  [
    "a collator",
    "const c = new Intl.Collator('de'); 'ab'.repeat(2 ** 20).split('').sort(c.compare);",
  ],
  ["sets of sets", "const s = () => new Set(Array(2 ** 22).keys()); s().union(s()).size;"],
  [
    "iterators of iterators",
    "Iterator.from({ next: () => ({ done: false, value: 1 }) }).flatMap((x) => [x]).drop(1e15).toArray();",
  ],
  [
    "a pattern of a million ranges",
    "new RegExp('[' + '\\\\u{1}-\\\\u{10ffff}'.repeat(1e4) + ']', 'iv').test('b');",
  ],
  [
    "a pattern with numbers for a pattern",
    "new RegExp('(?:(?:a{0,1000}){0,1000}){0,1000}').test('b');",
  ],
  ["a nest of choices", "new RegExp('(?:a|'.repeat(5e4) + 'b' + ')'.repeat(5e4)).test('a');"],
  ["a chain of proxies", "let p = {}; for (let i = 0; i < 1e6; i++) p = new Proxy(p, {}); p.x;"],
  ["a chain of prototypes", "let p = {}; for (let i = 0; i < 1e6; i++) p = Object.create(p); p.x;"],
  [
    "a chain of bound functions",
    "let f = () => 1; for (let i = 0; i < 1e6; i++) f = f.bind(null); f();",
  ],
];

test("a built-in that V8 cannot stop is stopped all the same", async (t) => {
  const attacks = bodies.map(([name, body]): Attack => ["R11", name, body]);
  await holdAll(t, bench(t, 2), attacks);
});
