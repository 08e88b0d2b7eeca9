import { readFileSync } from "node:fs";
import { test } from "tap";
import { bench, descendants, endOf } from "./isolate-fixtures.ts";

const attacks: readonly [string, string][] = [
  ["arrays", "const a = []; for (;;) a.push(new Array(1000).fill(1.5));"],
  ["one large array", "for (;;) new Array(2 ** 24).fill(1.5);"],
  ["strings", "let s = 'x'; for (;;) s += s;"],
  [
    "strings that are made flat",
    "const a = []; for (;;) { a.push('x'.repeat(1e6) + a.length); JSON.stringify(a[a.length - 1]); }",
  ],
  [
    "replaced text",
    "const s = 'x'.repeat(1e5); const a = []; for (;;) a.push(s.replace(/x/g, '$`'));",
  ],
  ["maps", "const m = new Map(); for (let i = 0; ; i++) m.set(i, { i });"],
  ["symbols", "const o = {}; for (;;) o[Symbol()] = 1;"],
  ["buffers", "const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));"],
  [
    "resizable buffers",
    "const a = []; for (;;) { const b = new ArrayBuffer(1e6, { maxByteLength: 1e8 }); a.push(new Uint8Array(b).fill(1)); }",
  ],
  [
    "one resizable buffer",
    "const a = []; for (;;) a.push(new Uint8Array(new ArrayBuffer(3e7, { maxByteLength: 3e7 })).fill(1));",
  ],
  ["formatters", "const a = []; for (;;) a.push(new Intl.DateTimeFormat('de'));"],
  [
    "segmenters",
    "const a = []; for (;;) a.push(new Intl.Segmenter('de', { granularity: 'word' }).segment('x'.repeat(1000)));",
  ],
  [
    "patterns",
    "const a = []; for (let i = 0; ; i++) { const r = new RegExp('(a' + i + '){1,500}'); r.test('a'); a.push(r); }",
  ],
  [
    "code",
    "for (let i = 0; ; i++) globalThis['f' + i] = (0, eval)('(function(){' + 'x;'.repeat(1e4) + i + '})');",
  ],
  ["deep source", "(0, eval)('['.repeat(1e6));"],
  [
    "the pattern of a known crash",
    "const t = new Uint32Array(1e6); const a = []; for (;;) { const b = new Array(1e6); for (let i = 0; i < 1e6; i++) b[i] = t[i]; a.push(b); }",
  ],
  ["promises", "const a = []; for (;;) a.push(new Promise(() => {}));"],
  [
    "closures of a class",
    "const a = []; for (;;) a.push(class { #x = new Array(100).fill(a.length); });",
  ],
];

test("each is stopped, and the worker never holds much", async (t) => {
  const { run } = bench(t);
  const peak = watchPeak();
  for (const [name, body] of attacks) {
    const code = String(endOf(await run(body, { wallMs: 3_000, cpuMs: 700, memoryMb: 16 })));
    // A limit of the guest's heap, of the worker's memory or of its time: which comes first depends
    // on the machine. A crash is contained, too.
    t.match(code, /^(OOM|GUEST_ERROR|TIMEOUT_CPU|TIMEOUT_WALL|SANDBOX_CRASH)$/, `${name}: ${code}`);
    t.equal(endOf(await run("return args.x * 7;", { input: '{"x":6}' })), 42, "then a benign call");
  }
  t.ok(peak.stop() < 350_000, `peak ${peak.stop()} KiB`);
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

function residentKb(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
