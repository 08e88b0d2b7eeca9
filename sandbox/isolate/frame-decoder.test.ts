import fc from "fast-check";
import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { encodeFrame, FrameDecoder } from "./frame-decoder.ts";

const seed = 20260814;

test(`however the bytes are cut, the frames are the same (seed ${seed})`, (t) => {
  const frames = fc.array(fc.record({ a: fc.string({ unit: "grapheme" }), b: fc.integer() }), {
    maxLength: 8,
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 200 });
  const property = fc.property(frames, cuts, (sent, sizes) => {
    const bytes = Buffer.concat(sent.map(encodeFrame));
    const decoder = new FrameDecoder();
    const heard: object[] = [];
    for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
      const size = sizes[turn % sizes.length] ?? 1;
      heard.push(...decoder.push(bytes.subarray(at, at + size)));
      at += size;
    }
    return JSON.stringify(heard) === JSON.stringify(sent);
  });
  fc.assert(property, { seed });
  t.end();
});

test("whatever bytes come, it gives objects or throws", (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    try {
      const frames = new FrameDecoder().push(Buffer.from(bytes));
      return frames.every((frame) => typeof frame === "object" && frame !== null);
    } catch (error) {
      return error instanceof Error;
    }
  });
  fc.assert(property, { seed });
  t.end();
});

test("a frame up to the limit is waited for, a byte more is refused by its length alone", (t) => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(limits.frameBytes);
  t.strictSame(new FrameDecoder().push(head), []);
  head.writeUInt32BE(limits.frameBytes + 1);
  t.throws(() => new FrameDecoder().push(head), /a frame of/);
  t.end();
});

test("a frame that comes byte by byte is not copied anew for each byte", (t) => {
  const bytes = encodeFrame({ text: "x".repeat(1_000_000) });
  const decoder = new FrameDecoder();
  let frames: object[] = [];
  for (let at = 0; at < bytes.length; at += 10) frames = decoder.push(bytes.subarray(at, at + 10));
  t.equal(frames.length, 1);
  t.end();
});
