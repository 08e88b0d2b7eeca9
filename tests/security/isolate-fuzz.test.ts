import { readdirSync } from "node:fs";
import fc from "fast-check";
import tap, { test } from "tap";
import { descendants } from "../support/processes.ts";
import { endingsOf, titleOf } from "./catalogue.ts";
import { allFiles, type Bench, bench, endingOf, endOf } from "./isolate-fixtures.ts";

tap.setTimeout(110_000);

const seed = 20_261_123;
/** More than the usual runs, for a night: `FUZZ_RUNS=20000 node tests/security/isolate-fuzz.test.ts`. */
const runs = Number(process.env["FUZZ_RUNS"] ?? 150);

/** Changes of the world that come before anything else. */
const preludes = [
  "Object.prototype.then = undefined;",
  "Object.defineProperty(Object.prototype, 'then', { get() { this.seen = 1; return undefined; } });",
  "Object.prototype.toJSON = function () { return 'j'; };",
  "Array.prototype[Symbol.iterator] = function* () { yield host; };",
  "Promise.prototype.then = function (f, g) { f && f(host); return this; };",
  "Object.defineProperty(Promise, Symbol.species, { get() { return Array; } });",
  "Object.defineProperty(Promise.prototype, 'constructor', { get() { return Object; } });",
  "Error.prepareStackTrace = (e, s) => { e.sites = s; return s; };",
  "Error.stackTraceLimit = Infinity;",
  "Function.prototype.call = Function.prototype.apply = Function.prototype.bind = undefined;",
  "JSON.stringify = () => '[]'; JSON.parse = () => [];",
  "Object.setPrototypeOf(Object.prototype.constructor, null);",
  "Object.freeze(Object.prototype); Object.freeze(Array.prototype);",
  "globalThis.eval = globalThis.Object = globalThis.Promise = undefined;",
  "for (const k of Reflect.ownKeys(Symbol)) try { Symbol[k] = 1; } catch {}",
  "String.prototype.slice = String.prototype.toWellFormed = () => host;",
  "Reflect.construct = Reflect.apply = () => host;",
  "",
];

interface Grammar {
  readonly statement: string;
  readonly value: string;
}

const grammar = fc.letrec<Grammar>((tie) => ({
  statement: fc.oneof(
    { maxDepth: 4, depthIdentifier: "depth" },
    fc.constantFrom("host.log(args);", "null.x;", "throw host;", "return host;", "return;"),
    tie("value").map((value) => `return ${value};`),
    tie("value").map((value) => `throw ${value};`),
    tie("value").map((value) => `try { await ${value}; } catch (e) { return e; }`),
    tie("value").map((value) => `host.log(String(${value}));`),
    tie("value").map((value) => `Promise.reject(${value});`),
    tie("value").map((value) => `for await (const x of [${value}]) host.log(x);`),
    fc.tuple(tie("statement"), tie("statement")).map(([a, b]) => `${a} ${b}`),
    fc
      .tuple(tie("statement"), tie("statement"))
      .map(
        ([a, b]) =>
          `try { ${a} } catch (e) { e.constructor.constructor('return this')(); } finally { ${b} }`,
      ),
    tie("statement").map((one) => `(async () => { ${one} })();`),
    tie("statement").map((one) => `Promise.resolve().then(async () => { ${one} });`),
    tie("statement").map((one) => `for (let i = 0; i < 70; i++) { (async () => { ${one} })(); }`),
    tie("statement").map(
      (one) => `let n = 0; const f = async () => { ${one} if (n++ < 9) await f(); }; await f();`,
    ),
    fc.constantFrom(
      ...Array<string>(12).fill("await 0;"),
      "for (;;);",
      "for (const a = [];;) a.push([a]);",
      "for (;;) await 0;",
    ),
  ),
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: "depth" },
    fc.constantFrom(
      "1",
      "host",
      "args",
      "globalThis",
      "new Error('x')",
      "10n",
      "Symbol()",
      "'\\ud800'",
    ),
    fc.constantFrom(
      "'x'.repeat(1e5)",
      "new Array(1e5)",
      "new Uint8Array(1e5)",
      "JSON.rawJSON('1e999')",
    ),
    fc.constantFrom(
      "host.files.list('.')",
      "host.files.read('../canary.txt')",
      "host.files.read('/proc/self/environ')",
      "host.files.write('late', 'x')",
      "host.fetch({ url: 'http://127.0.0.1/' })",
      "host.secret('x')",
    ),
    fc.constantFrom(
      "import('node:fs')",
      "(0, eval)('this')",
      "Function('return process')()",
      "arguments.callee.caller",
      "new Error().stack",
    ),
    tie("value").map((value) => `host.files.read(${value})`),
    tie("value").map((value) => `host.fetch(${value})`),
    tie("value").map((value) => `[${value}, ${value}]`),
    tie("value").map((value) => `({ __proto__: null, a: ${value} })`),
    tie("value").map((value) => `new Proxy(Object(${value}), {})`),
    tie("value").map((value) => `Promise.all([${value}])`),
    tie("value").map((value) => `Object.assign(() => ${value}, { toString: () => ${value} })`),
    tie("value").map(
      (value) => `(async function* () { yield ${value}; return ${value}; })().return(${value})`,
    ),
    tie("statement").map((one) => `({ async toJSON() { ${one} } })`),
    tie("statement").map((one) => `({ get message() { return (async () => { ${one} })(); } })`),
    tie("statement").map((one) => `({ then(f, g) { f(g); g(f); (async () => { ${one} })(); } })`),
    tie("statement").map(
      (one) => `({ [Symbol.toPrimitive]() { (async () => { ${one} })(); return 'p'; } })`,
    ),
    tie("statement").map(
      (one) => `new Proxy({}, { get(t, k) { (async () => { ${one} })(); return t[k]; } })`,
    ),
    tie("statement").map(
      (one) =>
        `new (class extends Promise { constructor(f) { super(f); (async () => { ${one} })(); } })(() => {})`,
    ),
  ),
}));

const program = fc.record({
  prelude: fc.constantFrom(...preludes),
  body: grammar.statement,
  more: grammar.statement,
  author: fc.constantFrom(
    "operator" as const,
    ...Array<"operator">(9).fill("operator"),
    "agent" as const,
  ),
});

test(titleOf("F01"), async (t) => {
  const on = bench(t, 2, {
    permissions: { ...allFiles, fs: allFiles.fs.slice(0, 1) },
    isAsync: true,
    cpuMs: 60,
  });
  await on.sandbox.warm();
  const ends: Record<string, number> = {};
  const property = fc.asyncProperty(program, async ({ prelude, body, more, author }) => {
    const result = await on.run(`${prelude} ${body} ${more}`, { author });
    const end = endingOf(result);
    ends[end] = (ends[end] ?? 0) + 1;
    if (!endingsOf("F01").includes(end)) throw new Error(`ends as ${end}`);
    if (JSON.stringify(result).includes(on.canary)) throw new Error("the canary is out");
    await staysRight(on);
  });
  await t.resolves(
    fc.assert(property, { seed, numRuns: runs, endOnFailure: true }),
    `seed ${seed}`,
  );
  t.comment(JSON.stringify(ends));
});

async function staysRight(on: Bench): Promise<void> {
  const input = JSON.stringify({ secret: on.canary });
  for (const principal of ["mallory", "alice"]) {
    const next = await on.run("return Object.keys(args).length + 41;", { input, principal });
    if (endOf(next) !== 42) throw new Error(`the next call of ${principal}: ${endOf(next)}`);
  }
  if (readdirSync(on.workspace).join() !== "a.txt") throw new Error("a file was written");
  const processes = descendants(process.pid).length;
  if (processes > on.workers * 4) throw new Error(`${processes} processes`);
}
