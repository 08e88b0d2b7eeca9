const acts: Readonly<Record<string, () => unknown>> = {
  sum() {
    let sum = 0;
    for (let at = 0; at < 1_000_000; at += 1) sum = (sum + at * at) % 1_000_003;
    return sum;
  },
  /** What compiling needs inside of a worker is not the guest's. */
  seen: () =>
    ["WebAssembly", "SharedArrayBuffer", "process", "require"].filter((name) => name in globalThis),
  loop() {
    for (;;);
  },
  memory() {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(1_000).fill(1.5));
  },
  reserve() {
    const kept: unknown[] = [];
    const options = { maxByteLength: 15_000_000 };
    for (;;) kept.push(Reflect.construct(ArrayBuffer, [1, options]), new Array(100).fill(1.5));
  },
};

export function run(args: { readonly with: string }): unknown {
  return acts[args.with]?.();
}
