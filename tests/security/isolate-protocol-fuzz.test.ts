import fc from "fast-check";
import { test } from "tap";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { encodeFrame, FrameDecoder } from "../../sandbox/isolate/protocol/frame-decoder.ts";
import { parseSaid } from "../../sandbox/isolate/protocol/said.ts";
import { frameOf } from "./isolate-protocol-talk.ts";

const seed = 20261123;
const channel = "0b9e2a6e-6f43-4a55-9d4a-6f6f0f3b7c11";

/** All that a worker of ours may say. */
const text = fc.string({ unit: "grapheme", maxLength: 40 });
const request = fc.tuple(fc.nat(63), fc.constantFrom("fetch", "files.read"), fc.json());
const words: fc.Arbitrary<JsonValue[]> = fc.oneof(
  fc.tuple(fc.constant("output"), fc.json(), text),
  fc.tuple(fc.constant("error"), text, text, text),
  fc.tuple(fc.constantFrom("stuck", "output-limit", "host-calls"), text),
  fc.tuple(fc.constantFrom("wall", "memory", "crash")),
  fc.tuple(fc.constant("requests"), fc.array(request, { maxLength: 5 }), text),
) as fc.Arbitrary<JsonValue[]>;

/** What the gateway makes of bytes: what was said, frame by frame, up to where it gave up. */
function hear(bytes: Buffer): { readonly said: readonly unknown[]; readonly isBreach: boolean } {
  const said: unknown[] = [];
  try {
    for (const frame of new FrameDecoder().push(bytes)) said.push(parseSaid(frame, channel));
    return { said, isBreach: false };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { said, isBreach: true };
  }
}

test(`what a worker may say is understood (seed ${seed})`, (t) => {
  const property = fc.property(words, (said) => {
    const heard = hear(encodeFrame(frameOf(channel, said)));
    return !heard.isBreach && heard.said.length === 1;
  });
  fc.assert(property, { seed, numRuns: 300 });
  t.end();
});

test(`a byte that was changed, added or lost never makes another call's frame (seed ${seed})`, (t) => {
  const change = fc.record({
    at: fc.nat(2_000),
    bytes: fc.uint8Array({ maxLength: 6 }),
    lost: fc.nat(6),
  });
  const property = fc.property(
    words,
    fc.array(change, { minLength: 1, maxLength: 4 }),
    (said, changes) => {
      let bytes = encodeFrame(frameOf("f".repeat(36), said));
      for (const { at, bytes: added, lost } of changes) {
        const from = at % bytes.length;
        bytes = Buffer.concat([bytes.subarray(0, from), added, bytes.subarray(from + lost)]);
      }
      return hear(bytes).said.length === 0;
    },
  );
  fc.assert(property, { seed, numRuns: 1_000 });
  t.end();
});

/** One change in the form of a frame, at any depth. */
const mutations: readonly ((value: JsonValue, other: JsonValue) => JsonValue)[] = [
  (_, other) => other,
  (value) => [value],
  (value, other) => (Array.isArray(value) ? [...value, other] : [value, other]),
  (value) => (Array.isArray(value) ? value.slice(1) : null),
  (value, other) => (isObject(value) ? { ...value, extra: other } : { value }),
];

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Texts within a frame may be any: what they say is checked elsewhere. */
function isFree(before: JsonValue, after: JsonValue): boolean {
  return typeof before === "string" && typeof after === "string";
}

test(`a frame of another form is refused (seed ${seed})`, (t) => {
  const other = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.object({ maxDepth: 1 }),
    fc.constant([]),
  );
  const mutate = fc.constantFrom(...mutations);
  const change = fc.record({ mutate, value: other, at: fc.nat() });
  const property = fc.property(words, change, (said, { mutate, value, at }) => {
    const index = at % said.length;
    const before = said[index] as JsonValue;
    const after = mutate(before, JSON.parse(JSON.stringify(value)) as JsonValue);
    if (isFree(before, after) || JSON.stringify(before) === JSON.stringify(after)) return true;
    // Another list of requests may be one, too; each request in it is looked at by itself.
    if (Array.isArray(before) && Array.isArray(after)) return isHeardAsRequests(said, index, after);
    const changed = said.with(index, after);
    return hear(encodeFrame(frameOf(channel, changed))).isBreach;
  });
  fc.assert(property, { seed, numRuns: 1_000 });
  t.end();
});

function isHeardAsRequests(said: JsonValue[], index: number, after: JsonValue[]): boolean {
  const heard = hear(encodeFrame(frameOf(channel, said.with(index, after))));
  const isList = after.every((one) => Array.isArray(one) && one.length === 3);
  return isList || heard.isBreach;
}

test(`whatever bytes come, in whatever pieces, it ends and holds one frame (seed ${seed})`, (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 4_000 }),
    fc.array(fc.constantFrom(0, 1, 0x22, 0x5b, 0x5d, 0x7b, 0x7d, 0x2c, 0x3a, 0x31), {
      maxLength: 4_000,
    }),
  );
  const property = fc.property(bytes, fc.integer({ min: 1, max: 64 }), (hostile, size) => {
    const body = Buffer.from(hostile);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(body.length);
    const all = Buffer.concat([head, body]);
    const decoder = new FrameDecoder();
    try {
      for (let at = 0; at < all.length; at += size) decoder.push(all.subarray(at, at + size));
      return true;
    } catch (error) {
      return error instanceof Error;
    }
  });
  fc.assert(property, { seed, numRuns: 500 });
  t.end();
});

test("the deepest and the widest frames end soon", (t) => {
  const bodies = [
    "[".repeat(limits.frameBytes),
    `{"a":${"[".repeat(40)}`,
    `[${"0,".repeat(limits.frameBytes / 2 - 2)}0]`,
    `"${"\\u0000".repeat(limits.frameBytes / 6 - 2)}"`,
    `{${'"":0,'.repeat(1_000)}}`,
    `${"9".repeat(limits.frameBytes)}`,
  ];
  for (const body of bodies) {
    const startedAt = process.cpuUsage();
    const head = Buffer.alloc(4);
    head.writeUInt32BE(body.length);
    t.throws(() => new FrameDecoder().push(Buffer.concat([head, Buffer.from(body)])));
    const { user, system } = process.cpuUsage(startedAt);
    t.ok((user + system) / 1_000 < 1_000, `${body.slice(0, 10)}…`);
  }
  t.end();
});
