import fc from "fast-check";
import { test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { type Frame, FrameDecoder, type FrameKind, framesOf } from "./frame.ts";

const seed = 20261123;
const most = containerLimits.linkFrameBytes;
const kinds: readonly FrameKind[] = ["stdin", "stdout", "stderr", "word"];

/** All that is said, one kind behind the other, as bytes. */
function bytesOf(frames: readonly (readonly [FrameKind, Uint8Array])[]): Buffer {
  return Buffer.concat(frames.flatMap(([kind, bytes]) => [...framesOf(kind, bytes)]));
}

function text(frames: readonly Frame[]): string {
  return frames.map(({ kind, bytes }) => `${kind}:${bytes.toString("hex")}`).join(" ");
}

test(`however the bytes are cut, the frames are the same (seed ${seed})`, (t) => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 50 });
  const said = fc.array(fc.tuple(fc.constantFrom(...kinds), bytes), { maxLength: 8 });
  const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 100 });
  const property = fc.property(said, cuts, (sent, sizes) => {
    const all = bytesOf(sent);
    const decoder = new FrameDecoder(most);
    const heard: Frame[] = [];
    for (let at = 0, turn = 0; at < all.length; turn += 1) {
      const size = sizes[turn % sizes.length] ?? 1;
      heard.push(...decoder.push(all.subarray(at, at + size)));
      at += size;
    }
    const expected = sent.map(([kind, one]) => ({ kind, bytes: Buffer.from(one) }));
    return text(heard) === text(expected);
  });
  fc.assert(property, { seed });
  t.end();
});

test("cut at each byte, two frames are the same two", (t) => {
  const all = bytesOf([
    ["word", Buffer.from('{"word":"gone"}')],
    ["stderr", Buffer.from([0, 1, 2])],
  ]);
  const whole = text(new FrameDecoder(most).push(all));
  for (let cut = 0; cut <= all.length; cut += 1) {
    const decoder = new FrameDecoder(most);
    const heard = [...decoder.push(all.subarray(0, cut)), ...decoder.push(all.subarray(cut))];
    t.equal(text(heard), whole);
  }
  t.end();
});

test("whatever bytes come, it gives frames or throws", (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    try {
      const frames = new FrameDecoder(most).push(Buffer.from(bytes));
      return frames.every((frame) => kinds.includes(frame.kind) && frame.bytes.length > 0);
    } catch (error) {
      return error instanceof Error;
    }
  });
  fc.assert(property, { seed });
  t.end();
});

function head(kind: number, length: number, middle = 0): Buffer {
  const bytes = Buffer.from([kind, middle, 0, 0, 0, 0, 0, 0]);
  bytes.writeUInt32BE(length, 4);
  return bytes;
}

test("a frame up to the limit is waited for, a byte more is refused by its length alone", (t) => {
  t.strictSame(new FrameDecoder(most).push(head(1, most)), []);
  t.throws(() => new FrameDecoder(most).push(head(1, most + 1)), /a frame of/);
  t.throws(() => new FrameDecoder(most).push(head(1, 2 ** 32 - 1)), /a frame of/);
  t.throws(() => new FrameDecoder(most).push(head(1, 0)), /a frame of 0 bytes/);
  t.end();
});

test("what is no kind, or has no zeros behind it, is refused", (t) => {
  for (const bytes of [head(4, 1), head(255, 1), head(1, 1, 1)]) {
    t.throws(() => new FrameDecoder(most).push(bytes), /no frame/);
  }
  t.end();
});

test("what is longer than a frame goes in several, and of nothing there is none", (t) => {
  const bytes = Buffer.alloc(2 * most + 1, 7);
  const frames = new FrameDecoder(most).push(bytesOf([["stdin", bytes]]));
  t.strictSame(
    frames.map((frame) => frame.bytes.length),
    [most, most, 1],
  );
  t.ok(Buffer.concat(frames.map((frame) => frame.bytes)).equals(bytes));
  t.strictSame([...framesOf("stdin", Buffer.alloc(0))], []);
  t.end();
});
