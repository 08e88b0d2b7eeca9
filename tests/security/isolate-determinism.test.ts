import { setTimeout as wait } from "node:timers/promises";
import { test } from "tap";
import type { Broker } from "../../sandbox/broker/broker.ts";
import { closedDoor } from "../../sandbox/isolate/call/answers.ts";
import { createIsolateSandbox } from "../../sandbox/isolate/isolate-sandbox.ts";
import { grantOf } from "./broker-fixtures.ts";
import { endOf } from "./isolate-fixtures.ts";
import { issuedAt, seed, told } from "./isolate-told.ts";

/** Each way to chance. */
const chances: readonly string[] = [
  "Math.random()",
  "new Function('return Math.random()')()",
  "(0, eval)('Math.random()')",
  "Reflect.apply(Math.random, undefined, [])",
  "Object.getOwnPropertyDescriptor(Math, 'random').value()",
  "[3, 1, 2].map(Math.random)",
  "Array.from({ length: 2000 }, Math.random).reduce((a, b) => a + b)",
];

test("a tool's random numbers come out of the call's seed", async (t) => {
  const run = told(t);
  for (const chance of chances) {
    const body = `return [${chance}, ${chance}];`;
    const [first, again] = [endOf(await run(body)), endOf(await run(body))] as [unknown[], unknown];
    t.strictSame(first, again, chance);
    t.notSame(first[0], first[1], "the next one is another");
    const other = endOf(await run(body, { seed: seed.replace("0", "1") }));
    t.notSame(first, other, "another seed gives others");
  }
});

test("the random numbers are spread over the whole of their range", async (t) => {
  const run = told(t);
  const body =
    "const cells = Array(16).fill(0); let low = 1, high = 0, sum = 0; for (let i = 0; i < 16000; i++) { const x = Math.random(); cells[Math.floor(x * 16)]++; low = Math.min(low, x); high = Math.max(high, x); sum += x; } return { cells, low, high, sum };";
  const limits = { wallMs: 10_000, cpuMs: 5_000, memoryMb: 32, outputKb: 64 };
  for (const words of [seed, "0".repeat(32), "f".repeat(32)]) {
    const seen = endOf(await run(body, { seed: words, limits })) as Record<string, number> & {
      cells: number[];
    };
    t.ok(
      seen.cells.every((count) => count > 850 && count < 1_150),
      JSON.stringify(seen.cells),
    );
    t.ok((seen["low"] ?? 1) < 0.001 && (seen["high"] ?? 0) > 0.999 && (seen["high"] ?? 1) < 1);
  }
});

/** What else a run could differ in from the next. */
const orders: readonly string[] = [
  "return [5, 3, 5, 1].map((n, i) => ({ n, i })).sort((a, b) => a.n - b.n);",
  "return Object.keys({ b: 1, 2: 1, a: 1, 1: 1, [Symbol.iterator]: 1 });",
  "return [...new Map([[{}, 1], [NaN, 2], ['x', 3]]).values()];",
  "try { null.x } catch (e) { return e.stack }",
  "return [0.1 + 0.2, Math.sin(1e10), Math.pow(1.1, 100), (123.456).toLocaleString(), Math.exp(1)];",
  "return ['b', 'ä', 'a', 'Z'].sort(new Intl.Collator().compare);",
  "const seen = []; const p = (n) => Promise.resolve().then(() => seen.push(n)); return Promise.all([p(1), p(2), (async () => { await 0; seen.push(3); })()]).then(() => seen);",
  "return Promise.all(['a.txt', 'b.txt', '.', 'a.txt'].map((p) => host.files.read(p).catch((e) => e.code)));",
];

test("the same call does the same again", async (t) => {
  const run = told(t);
  for (const body of orders) {
    const first = await run(body);
    t.equal(first.kind, "output", body);
    t.strictSame(endOf(await run(body)), endOf(first), body);
  }
});

test("a tool that changes its clock and its dice changes nobody else's", async (t) => {
  const run = told(t);
  const body =
    "Date.now = () => 1; Math.random = () => 2; Date.prototype.constructor = 3; delete Intl.DateTimeFormat; globalThis.Date = 4; return [new (class {})() instanceof Object];";
  t.equal((await run(body)).kind, "output");
  t.equal(endOf(await run("return Date.now();")), issuedAt);
});

test("a tool that poisons what it can still has its request answered by its own clock", async (t) => {
  const run = told(t);
  const body =
    "Object.defineProperty(Object.prototype, 'now', { get() { throw 1 } }); Array.prototype[Symbol.iterator] = null; JSON.parse = () => 0; Reflect.construct = () => 0; WeakMap.prototype.get = () => 0; Function.prototype.call = () => 0; return host.files.read('a.txt').then(() => [new Date() >= 1000000000123, new Intl.DateTimeFormat('en').format(), Math.random() < 1]);";
  t.strictSame(endOf(await run(body)), [true, "9/9/2001", true]);
});

test("a call that is run again gets its answers out of the recording, and nothing else", async (t) => {
  const run = told(t);
  const body =
    "return Promise.all(['a.txt', 'none'].map((p) => host.files.read(p).catch((e) => e.code))).then(async (first) => [first, Date.now(), await host.files.write('made.txt', String(Math.random())), Date.now()]);";
  const first = await run(body);
  t.equal(first.kind, "output");
  t.equal(first.requests.length, 3);
  await wait(20);
  const again = await run(body, {}, first.recording);
  t.strictSame(endOf(again), endOf(first));
  t.strictSame(again.recording, first.recording);
  t.strictSame(again.requests, [], "the broker has heard nothing");
});

test("a call that is run again is not even brought to the broker's door", async (t) => {
  let opened = 0;
  const broker: Broker = {
    open() {
      opened += 1;
      return { ...closedDoor, request: () => Promise.resolve("told") };
    },
  };
  const other = createIsolateSandbox({ broker, workers: 1 });
  t.teardown(() => other.close());
  const code = "var tool = { run: (args, host) => host.files.read('a.txt') };";
  const job = { grant: grantOf(), code, input: "{}" };
  const { signal } = new AbortController();
  const { recording } = await other.run(job, signal);
  t.equal(opened, 1);
  if (recording) t.equal(endOf(await other.run({ ...job, recording }, signal)), "told");
  t.equal(opened, 1);
});

test("a tool that asks for more than was recorded gets nothing more", async (t) => {
  const run = told(t);
  const read = "await host.files.read('a.txt');";
  const first = await run(`return (async () => { ${read} return 1; })();`);
  const again = await run(
    `return (async () => { ${read}${read} return 1; })();`,
    {},
    first.recording,
  );
  t.equal(endOf(again), "CANCELLED");
  t.equal(again.recording?.asked.length, 2);
  t.equal(endOf(await run("return 42;")), 42, "then a benign call");
});

/** Each way to the maker of buffers. */
const buffers: readonly string[] = [
  "ArrayBuffer",
  "new Uint8Array(1).buffer.constructor",
  "ArrayBuffer[Symbol.species]",
  "ArrayBuffer.prototype.constructor",
  "Object.getPrototypeOf(class extends ArrayBuffer {})",
  "(class extends ArrayBuffer {})",
  "new ArrayBuffer(8).slice(1).constructor",
];

test("no room is set aside: how much there is would tell of a worker's other calls", async (t) => {
  const run = told(t);
  for (const buffer of buffers) {
    const body = `const b = Reflect.construct(${buffer}, [8, { maxByteLength: 2 ** 26 }]); return [b.resizable, b.maxByteLength, b.byteLength, b instanceof ArrayBuffer];`;
    t.strictSame(endOf(await run(body)), [false, 8, 8, true], buffer);
  }
});

test("buffers are what they were otherwise", async (t) => {
  const run = told(t);
  const body = `class Own extends ArrayBuffer {}
    const own = new Own(4);
    new Uint8Array(own).set([1, 2, 3, 4]);
    return [ArrayBuffer.name, ArrayBuffer.length, ArrayBuffer.isView(new DataView(own)), own.slice(1) instanceof Own,
      [...new Uint8Array(own.slice(1))], String(own), Object.keys(ArrayBuffer)];`;
  const expected = ["ArrayBuffer", 1, true, true, [2, 3, 4], "[object ArrayBuffer]", []];
  t.strictSame(endOf(await run(body)), expected);
  t.equal(endOf(await run("return ArrayBuffer(1);")), "GUEST_ERROR");
  t.equal(endOf(await run("return new ArrayBuffer(-1);")), "GUEST_ERROR");
});
