import tap, { test } from "tap";
import { descendants, residentKb } from "../support/processes.ts";
import { type Attack, bench, endOf, holdAll } from "./isolate-fixtures.ts";

tap.setTimeout(110_000);

const attacks: readonly Attack[] = [
  ["R12", "arrays", "const a = []; for (;;) a.push(new Array(1000).fill(1.5));"],
  ["R12", "strings", "let s = 'x'; for (;;) s += s;"],
  [
    "R12",
    "strings that are made flat",
    "const a = []; for (;;) { a.push('x'.repeat(1e6) + a.length); JSON.stringify(a[a.length - 1]); }",
  ],
  [
    "R12",
    "replaced text",
    "const s = 'x'.repeat(1e5); const a = []; for (;;) a.push(s.replace(/x/g, '$`'));",
  ],
  ["R12", "maps", "const m = new Map(); for (let i = 0; ; i++) m.set(i, { i });"],
  ["R12", "symbols", "const o = {}; for (;;) o[Symbol()] = 1;"],
  ["R12", "symbols by name", "for (let i = 0; ; i++) Symbol.for('x'.repeat(1000) + i);"],
  ["R12", "promises", "const a = []; for (;;) a.push(new Promise(() => {}));"],
  [
    "R12",
    "generators that wait",
    "const a = []; for (;;) { const g = (function* () { yield new Array(100).fill(1); })(); g.next(); a.push(g); }",
  ],
  [
    "R12",
    "closures of a class",
    "const a = []; for (;;) a.push(class { #x = new Array(100).fill(a.length); });",
  ],
  [
    "R12",
    "templates that are kept",
    "const a = []; for (let i = 0; ; i++) a.push((0, eval)('((t) => t)`' + i + 'x'.repeat(5000) + '`'));",
  ],
  ["R13", "buffers", "const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));"],
  [
    "R13",
    "resizable buffers",
    "const a = []; for (;;) { const b = new ArrayBuffer(1e6, { maxByteLength: 1e8 }); a.push(new Uint8Array(b).fill(1)); }",
  ],
  [
    "R13",
    "one resizable buffer",
    "const a = []; for (;;) a.push(new Uint8Array(new ArrayBuffer(3e7, { maxByteLength: 3e7 })).fill(1));",
  ],
  [
    "R13",
    "room that is only reserved",
    "const a = []; for (;;) a.push(new ArrayBuffer(1, { maxByteLength: 2 ** 26 }));",
  ],
  [
    "R13",
    "a buffer that moves",
    "let b = new ArrayBuffer(1); for (;;) b = b.transfer(b.byteLength * 2);",
  ],
  [
    "R13",
    "memory of WebAssembly",
    "const a = []; for (;;) a.push(new WebAssembly.Memory({ initial: 1, maximum: 65536 }));",
  ],
  [
    "R13",
    "shared memory that grows",
    "const b = new SharedArrayBuffer(1, { maxByteLength: 2 ** 30 }); b.grow(2 ** 30);",
  ],
  ["R13", "formatters", "const a = []; for (;;) a.push(new Intl.DateTimeFormat('de'));"],
  [
    "R13",
    "segmenters",
    "const a = []; for (;;) a.push(new Intl.Segmenter('de', { granularity: 'word' }).segment('x'.repeat(1000)));",
  ],
  [
    "R13",
    "patterns",
    "const a = []; for (let i = 0; ; i++) { const r = new RegExp('(a' + i + '){1,500}'); r.test('a'); a.push(r); }",
  ],
  [
    "R14",
    "copies out of a typed array",
    "const t = new Uint32Array(1e6); const a = []; for (;;) { const b = new Array(1e6); for (let i = 0; i < 1e6; i++) b[i] = t[i]; a.push(b); }",
  ],
  ["R14", "one large array", "for (;;) new Array(2 ** 24).fill(1.5);"],
  [
    "R15",
    "code",
    "for (let i = 0; ; i++) globalThis['f' + i] = (0, eval)('(function(){' + 'x;'.repeat(1e4) + i + '})');",
  ],
  ["R15", "deep source", "(0, eval)('['.repeat(1e6));"],
  [
    "R15",
    "a hundred thousand functions",
    "(0, eval)(Array.from({ length: 1e5 }, (_, i) => 'function f' + i + '(){}').join(';'));",
  ],
  [
    "R15",
    "a large object",
    "(0, eval)('({' + Array.from({ length: 2e5 }, (_, i) => 'a' + i + ':1').join() + '})');",
  ],
  [
    "R15",
    "a large pattern",
    "new RegExp(Array.from({ length: 1e5 }, (_, i) => 'a' + i).join('|')).test('b');",
  ],
  [
    "R15",
    "nested templates",
    "const open = '`$' + '{'; (0, eval)(open.repeat(1e4) + '1' + '}`'.repeat(1e4));",
  ],
  [
    "R15",
    "nested functions, compiled again and again",
    "(0, eval)('(() => '.repeat(2e3) + '1' + ')'.repeat(2e3));",
  ],
  [
    "R15",
    "labels",
    "(0, eval)(Array.from({ length: 1e5 }, (_, i) => 'l' + i + ':').join('') + ';');",
  ],
  ["R15", "a sum of a million parts", "(0, eval)('1' + '+1'.repeat(1e6));"],
];

/** Where addresses could be set aside, Node had none left for a thread or a page of its own heap. */
const fullRoom: readonly Attack[] = [15e4, 16e5, 5e6, 15e6, 27e6, 82e6, 14e7].map((bytes) => [
  "R13",
  `no address left, in steps of ${bytes}, and then a full heap`,
  `const a = []; try { for (;;) a.push(new ArrayBuffer(1, { maxByteLength: ${bytes} })); } catch {} for (;;) a.push(new Array(1000).fill(1.5));`,
]);

test("each is stopped, and the worker never holds much", async (t) => {
  const peak = watchPeak();
  // A limit of the guest's heap, of the worker's memory or of its time: which comes first depends
  // on the machine.
  await holdAll(t, bench(t, 2, { cpuMs: 500, memoryMb: 16 }), [...attacks, ...fullRoom]);
  t.ok(peak.stop() < 350_000, `peak ${peak.stop()} KiB`);
});

test("a call that returns too much leaves the next ones of its worker their room", async (t) => {
  const on = bench(t, 1, { memoryMb: 32, cpuMs: 1_000, wallMs: 5_000 });
  for (let call = 0; call < 24; call += 1) {
    const result = await on.run("return 'sesame=0123456789abcdef '.repeat(1e6);");
    t.equal(endOf(result), "OUTPUT_LIMIT");
  }
});

test("what the kernel ends for want of memory, while the gateway is busy, is the call's own", async (t) => {
  const on = bench(t, 1, { memoryMb: 128, cpuMs: 10_000 });
  await on.sandbox.warm();
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000), 20);
  const result = await on.run("const a = []; for (;;) a.push(new Intl.DateTimeFormat('de'));");
  t.equal(endOf(result), "OOM");
});

/** The largest resident size of any descendant, in KiB. */
function watchPeak(): { stop(): number } {
  let peak = 0;
  const timer = setInterval(() => {
    for (const pid of descendants(process.pid)) peak = Math.max(peak, residentKb(pid));
  }, 20);
  return {
    stop: () => {
      clearInterval(timer);
      return peak;
    },
  };
}
