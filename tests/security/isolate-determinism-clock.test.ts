import { test } from "tap";
import { endOf } from "./isolate-fixtures.ts";
import { issuedAt, told } from "./isolate-told.ts";

/** Each way to the time, and what it says where the call's clock is the only one. */
const clocks: readonly [string, string, unknown][] = [
  ["Date.now", "return Date.now();", issuedAt],
  ["new Date", "return new Date().getTime();", issuedAt],
  [
    "a date without `new`",
    "return Date();",
    "Sun Sep 09 2001 01:46:40 GMT+0000 (Coordinated Universal Time)",
  ],
  ["a date's own constructor", "return +new (new Date(0).constructor)();", issuedAt],
  ["the constructor of a date's prototype", "return Date.prototype.constructor.now();", issuedAt],
  [
    "the constructor of a prototype",
    "return +new (Object.getPrototypeOf(new Date(5)).constructor)();",
    issuedAt,
  ],
  [
    "a date with another prototype",
    "return Date.prototype.getTime.call(Reflect.construct(Date, [], Object));",
    issuedAt,
  ],
  [
    "a date with the prototype of an array",
    "return Date.prototype.getTime.call(Reflect.construct(Date, [], Array));",
    issuedAt,
  ],
  [
    "a class made of it",
    "class Later extends Date { constructor() { super(); } } return +new Later();",
    issuedAt,
  ],
  [
    "a class whose parent was set",
    "class A { constructor() {} } class B extends A { constructor() { return Reflect.construct(Date, [], new.target); } } return Date.prototype.valueOf.call(new B());",
    issuedAt,
  ],
  [
    "the prototype of the constructor",
    "return Object.getPrototypeOf(Date) === Function.prototype;",
    true,
  ],
  ["a bound constructor", "return +new (Date.bind(null))();", issuedAt],
  ["a proxy of the constructor", "return +new (new Proxy(Date, {}))();", issuedAt],
  ["a proxy's construct", "return +Reflect.construct(new Proxy(Date, {}), []);", issuedAt],
  ["apply", "return Date.apply(null, []) === Date();", true],
  ["the function's constructor", "return new Function('return Date.now()')();", issuedAt],
  [
    "an async function's constructor",
    "return (async () => {}).constructor('return Date.now()')();",
    issuedAt,
  ],
  [
    "a generator's constructor",
    "return (function* () {}).constructor('yield +new Date()')().next().value;",
    issuedAt,
  ],
  ["an indirect eval", "return (0, eval)('+new Date()');", issuedAt],
  ["a format without a date", "return new Intl.DateTimeFormat('en').format();", "9/9/2001"],
  ["a format of undefined", "return new Intl.DateTimeFormat('en').format(undefined);", "9/9/2001"],
  [
    "a format that was taken along",
    "return [undefined].map(Intl.DateTimeFormat('en').format)[0];",
    "9/9/2001",
  ],
  [
    "the parts of a format",
    "return new Intl.DateTimeFormat('en').formatToParts().map((p) => p.value).join('');",
    "9/9/2001",
  ],
  [
    "the getter of a format",
    "const g = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format').get; return g.call(new Intl.DateTimeFormat('en'))();",
    "9/9/2001",
  ],
  [
    "a format of a class made of it",
    "class F extends Intl.DateTimeFormat {} return new F('en').format();",
    "9/9/2001",
  ],
  ["a range without dates", "return new Intl.DateTimeFormat('en').formatRange();", "GUEST_ERROR"],
  ["a local string", "return new Date().toLocaleString('en');", "9/9/2001, 1:46:40 AM"],
  ["a local date", "return new Date().toLocaleDateString();", "9/9/2001"],
  ["a calendar's date", "return new Date().toLocaleDateString('en-u-ca-buddhist');", "9/9/2544 BE"],
  ["JSON", "return JSON.stringify(new Date());", '"2001-09-09T01:46:40.123Z"'],
  [
    "a temporal object",
    "return typeof Temporal + typeof new Date().toTemporalInstant;",
    "undefinedundefined",
  ],
  ["a realm of its own", "return typeof ShadowRealm;", "undefined"],
  ["a performance clock", "return typeof performance + typeof hrtime;", "undefinedundefined"],
  [
    "an import",
    "return import('data:text/javascript,export default Date.now()').then(() => 1, () => 0);",
    0,
  ],
  ["a console's timer", "return typeof console;", "undefined"],
  ["a stack of an error", "return /\\d{10}/.test(new Error().stack);", false],
  [
    "the time zone",
    "return [new Date().getTimezoneOffset(), Intl.DateTimeFormat().resolvedOptions().timeZone];",
    [0, "UTC"],
  ],
  [
    "the language",
    "return [Intl.DateTimeFormat, Intl.NumberFormat, Intl.Collator].map((I) => new I().resolvedOptions().locale);",
    ["en-US", "en-US", "en-US"],
  ],
];

test("a tool's clock is its call's, however it is asked", async (t) => {
  const run = told(t);
  for (const [name, body, value] of clocks) t.strictSame(endOf(await run(body)), value, name);
});

test("the clock stands still while a tool computes, and for the whole of its first turn", async (t) => {
  const run = told(t);
  const body =
    "const a = Date.now(); let n = 0; for (let i = 0; i < 1e6; i++) n += i; return Promise.resolve().then(() => [Date.now() - a, new Date() - a]);";
  t.strictSame(endOf(await run(body)), [0, 0]);
});

test("the clock goes on with each answer of the broker, and never back", async (t) => {
  const run = told(t);
  const body =
    "const seen = [Date.now()]; for (let i = 0; i < 5; i++) { await host.files.read('a.txt'); seen.push(Date.now()); } return seen;";
  const result = await run(`return (async () => { ${body} })();`);
  const seen = endOf(result) as number[];
  t.equal(seen[0], issuedAt);
  t.strictSame(
    seen.slice(1),
    result.recording?.given.map(({ now }) => now),
  );
  t.strictSame(
    [...seen].sort((a, b) => a - b),
    seen,
  );
  t.ok(
    seen.every((at) => at < issuedAt + 60_000),
    "and is the call's own, not the machine's",
  );
});

/** Where clocks and dice hide; a new name after an upgrade has to be looked at by a person. */
const names: Readonly<Record<string, readonly string[]>> = {
  Date: ["UTC", "length", "name", "now", "parse", "prototype"],
  Intl: [
    ...["Collator", "DateTimeFormat", "DisplayNames", "DurationFormat", "ListFormat", "Locale"],
    ...["NumberFormat", "PluralRules", "RelativeTimeFormat", "Segmenter", "getCanonicalLocales"],
    ...["supportedValuesOf", "v8BreakIterator"],
  ],
  "Intl.DateTimeFormat.prototype": [
    ...["constructor", "format", "formatRange", "formatRangeToParts", "formatToParts"],
    "resolvedOptions",
  ],
  "Intl.RelativeTimeFormat.prototype": [
    "constructor",
    "format",
    "formatToParts",
    "resolvedOptions",
  ],
  Error: ["captureStackTrace", "isError", "length", "name", "prototype", "stackTraceLimit"],
};

test("what tells time is known by name, each", async (t) => {
  const run = told(t);
  for (const [place, expected] of Object.entries(names)) {
    t.strictSame(
      endOf(await run(`return Object.getOwnPropertyNames(${place}).sort();`)),
      expected,
      place,
    );
  }
  const dates =
    "return Object.getOwnPropertyNames(Date.prototype).filter((n) => !/^(get|set|to)/.test(n)).sort();";
  t.strictSame(endOf(await run(dates)), ["constructor", "valueOf"]);
  const maths = "return Object.getOwnPropertyNames(Math).length;";
  t.equal(endOf(await run(maths)), 44);
});
