/** What a call is told of time and chance. */
export interface World {
  /** Milliseconds since 1970; the clock stands there until it is set again. */
  setClock(now: number): void;
  /** Four whole numbers of 32 bits: the same ones give the same random numbers. */
  seed(words: readonly number[]): void;
}

/**
 * Makes an isolate's clock and randomness the call's own, so that the same call with the same
 * answers does the same again. Sent as text, like `guest`, and evaluated before any code of a tool:
 * what tells real time is replaced where it stands, so that no reference to it is left in reach.
 * The random numbers are fit for anything but keys.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one closure, because it is sent as text; what it does first stands in it as it is, because V8 compiles each inner function once more.
export function world(): World {
  const RealDate = Date;
  const RealBuffer = ArrayBuffer;
  const { construct } = Reflect;
  const { defineProperty, getOwnPropertyDescriptor } = Object;
  const { call } = Function.prototype;
  const uncurry = call.bind.bind(call as never) as unknown as Uncurry;
  const dateText = uncurry(RealDate.prototype.toString);
  const formats = Intl.DateTimeFormat.prototype;
  const toParts = uncurry(formats.formatToParts);
  const getFormat = uncurry(getOwnPropertyDescriptor(formats, "format")?.get as () => Format);
  const made = new WeakMap<Format, Format>();
  const find = uncurry(made.get) as (map: typeof made, key: Format) => Format | undefined;
  const keep = uncurry(made.set) as (map: typeof made, key: Format, format: Format) => unknown;

  let now = 0;
  let [a, b, c, d] = [0, 0, 0, 0];

  type Uncurry = <This, Args extends unknown[], Result>(
    method: (this: This, ...args: Args) => Result,
  ) => (self: This, ...args: Args) => Result;
  type Format = (date?: Date | number) => string;

  const own = {
    now: () => now,
    random,
    /** A format that is given no date takes the machine's. */
    get format(): Format {
      const real = getFormat(this as never);
      const known = find(made, real);
      if (known) return known;
      const format: Format = (date) => real(date === undefined ? now : date);
      keep(made, real, format);
      return format;
    },
    formatToParts(date?: Date | number): unknown {
      return toParts(this as never, date === undefined ? now : date);
    },
  };
  const isHidden = { writable: true, configurable: true };
  defineProperty(CallDate, "length", { value: 7 });
  defineProperty(CallDate, "name", { value: "Date" });
  defineProperty(CallDate, "prototype", { value: RealDate.prototype, writable: false });
  defineProperty(CallDate, "now", { value: own.now, ...isHidden });
  defineProperty(CallDate, "parse", { value: RealDate.parse, ...isHidden });
  defineProperty(CallDate, "UTC", { value: RealDate.UTC, ...isHidden });
  defineProperty(RealDate.prototype, "constructor", { value: CallDate });
  defineProperty(globalThis, "Date", { value: CallDate });
  defineProperty(formats, "format", { get: getOwnPropertyDescriptor(own, "format")?.get as never });
  defineProperty(formats, "formatToParts", { value: own.formatToParts });
  defineProperty(Math, "random", { value: own.random });
  defineProperty(CallBuffer, "name", { value: "ArrayBuffer" });
  defineProperty(CallBuffer, "prototype", { value: RealBuffer.prototype, writable: false });
  defineProperty(CallBuffer, "isView", { value: RealBuffer.isView, ...isHidden });
  const species = getOwnPropertyDescriptor(RealBuffer, Symbol.species) as PropertyDescriptor;
  defineProperty(CallBuffer, Symbol.species, species);
  defineProperty(RealBuffer.prototype, "constructor", { value: CallBuffer });
  defineProperty(globalThis, "ArrayBuffer", { value: CallBuffer });
  return { setClock, seed };

  function setClock(time: number): void {
    now = time;
  }

  function CallDate(this: unknown, ...parts: unknown[]): unknown {
    if (new.target === undefined) return dateText(new RealDate(now));
    return construct(RealDate, parts.length === 0 ? [now] : parts, new.target);
  }

  /**
   * Without `maxByteLength`: addresses that are only set aside are the whole worker's, and how many
   * there are left tells of other calls. Nothing can resize a buffer here anyhow.
   */
  function CallBuffer(this: unknown, length: number): unknown {
    const target = new.target;
    if (target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'");
    return construct(RealBuffer, [length], target);
  }

  function seed(words: readonly number[]): void {
    [a = 0, b = 0, c = 0, d = 0] = words;
    for (let round = 0; round < 12; round += 1) next();
  }

  /** As fine as a number below one can be: 53 bits. */
  function random(): number {
    const high = next() >>> 5;
    return (high * 67_108_864 + (next() >>> 6)) / 9_007_199_254_740_992;
  }

  /** Chris Doty-Humphrey's sfc32: 32 bits of a generator with a state of 128. */
  function next(): number {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}
