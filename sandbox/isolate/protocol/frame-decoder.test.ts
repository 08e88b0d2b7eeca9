import fc from "fast-check";
import { test } from "tap";
import { limits } from "../../../manifests/limits.ts";
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

test("a frame that comes byte by byte costs no more memory than one that comes at once", (t) => {
  const bytes = encodeFrame({ text: "x".repeat(1_000_000) });
  const decoder = new FrameDecoder();
  let frames: object[] = [];
  const before = process.memoryUsage().rss;
  for (let at = 0; at < bytes.length; at += 1) {
    // As a pipe hands them out: each with memory of its own.
    frames = decoder.push(Buffer.from(bytes.subarray(at, at + 1)));
  }
  t.equal(frames.length, 1);
  t.ok(process.memoryUsage().rss - before < 128 * 1_048_576);
  t.end();
});

test("a frame is under way from its first byte to its last, and of no bytes there is none", (t) => {
  const bytes = encodeFrame({});
  const decoder = new FrameDecoder();
  t.ok(decoder.isEmpty);
  for (const byte of bytes.subarray(0, -1)) {
    decoder.push(Buffer.from([byte]));
    t.notOk(decoder.isEmpty);
  }
  t.equal(decoder.push(bytes.subarray(-1)).length, 1);
  t.ok(decoder.isEmpty);
  t.throws(() => decoder.push(Buffer.alloc(4)), /a frame of 0 bytes/);
  t.end();
});

test("a frame is one object of which each key stands once", (t) => {
  for (const text of ["[]", "1", "null", '"x"', '{"a":1,"a":2}', '{"a":1}{"a":1}', '{"a":1', " "]) {
    const bytes = Buffer.from(text);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(bytes.length);
    t.throws(() => new FrameDecoder().push(Buffer.concat([head, bytes])), text);
  }
  t.end();
});
