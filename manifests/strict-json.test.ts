import fc from "fast-check";
import { test } from "tap";
import { canonicalJson } from "./canonical.ts";
import type { JsonValue } from "./json.ts";
import { limits } from "./limits.ts";
import { Refusal } from "./refusals.ts";
import { parseStrictJson } from "./strict-json.ts";

const seed = 20_261_123;
const bytes = (...values: number[]) => new Uint8Array(values);
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const many = (count: number) => `[${Array.from({ length: count }, () => "1").join(",")}]`;

test("accepts what every reader understands in one way", (t) => {
  for (const [text, value] of [
    ["null", null],
    [" \t\r\n true ", true],
    ["false", false],
    ['""', ""],
    ['"a\u00e9\u{1f600}"', "a\u00e9\u{1f600}"],
    ['"\\u0041\\n\\/\\"\\\\"', 'A\n/"\\'],
    ['"\\ud83d\\ude00"', "\u{1f600}"],
    ['"\u2028\u007f"', "\u2028\u007f"],
    ["0", 0],
    ["-1.5", -1.5],
    ["1e2", 100],
    ["1.0", 1],
    ["0.0", 0],
    ["0.30000000000000004", 0.30000000000000004],
    ["5e-324", 5e-324],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["1.50000000000000000000", 1.5],
    ["[]", []],
    ["[1, [2]]", [1, [2]]],
    ["{}", {}],
    ['{ "a" : 1 , "b" : [ ] }', { a: 1, b: [] }],
    ['{"a":1,"A":2,"":3}', { a: 1, A: 2, "": 3 }],
  ] as const) {
    const name = encodeURI(text);
    t.same(parseStrictJson(text), value, name);
    t.same(parseStrictJson(new TextEncoder().encode(text)), value, `${name} as bytes`);
  }
  t.end();
});

test("refuses what two readers could understand in two ways, and what is no JSON", (t) => {
  for (const text of [
    "",
    " ",
    "\ufeff{}",
    "{}{}",
    "1 2",
    "[1,]",
    '{"a":1,}',
    "[,1]",
    "[1 2]",
    "{a:1}",
    "{'a':1}",
    '{"a"}',
    '{"a":}',
    '{"a":1',
    "[1",
    '"a',
    '"a\\"',
    "nul",
    "nulll",
    "True",
    "undefined",
    "NaN",
    "Infinity",
    "-Infinity",
    "/* a */ 1",
    "1 // a",
    "'a'",
    '"\u0000"',
    '"\t"',
    '"\\x41"',
    '"\\u12"',
    '"\\u{41}"',
    "\u00a01",
    "\u000b1",
    // keys
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"\\u0061":1,"a":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"b":{"a":1,"a":1}}',
    // numbers
    "+1",
    "01",
    "-01",
    ".5",
    "5.",
    "1.e2",
    "1e",
    "0x10",
    "1_000",
    "-",
    "--1",
    "-0",
    "-0.0",
    "-0e5",
    "9007199254740992",
    "-9007199254740992",
    "1e22",
    "1e400",
    "-1e400",
    "1e-400",
    "0.1000000000000000055",
    "123456789012345.6789",
    `1.${"0".repeat(limits.jsonNumberChars)}`,
    // surrogates
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\ud800"',
    '"a\\ud83dx"',
    '{"\\ud800":1}',
    // size
    nested(limits.jsonDepth + 1),
    many(limits.jsonNodes),
  ]) {
    t.throws(
      () => parseStrictJson(text),
      { code: "JSON_INVALID" },
      JSON.stringify(text.slice(0, 40)),
    );
  }
  t.end();
});

test("refuses bytes that are no UTF-8, and a byte order mark", (t) => {
  for (const input of [
    bytes(0x22, 0xff, 0x22),
    bytes(0x22, 0xc0, 0x80, 0x22),
    bytes(0x22, 0xed, 0xa0, 0x80, 0x22),
    bytes(0x22, 0xe2, 0x82, 0x22),
    bytes(0xef, 0xbb, 0xbf, 0x31),
    bytes(0xff, 0xfe, 0x31, 0x00),
  ]) {
    t.throws(() => parseStrictJson(input), { code: "JSON_INVALID" }, String(input));
  }
  t.end();
});

test("depth and values are counted to the limit, and not beyond", (t) => {
  t.same(canonicalJson(parseStrictJson(nested(limits.jsonDepth))), nested(limits.jsonDepth));
  t.equal((parseStrictJson(many(limits.jsonNodes - 1)) as unknown[]).length, limits.jsonNodes - 1);
  t.end();
});

test("`__proto__` is a key like any other, and objects have no prototype", (t) => {
  const value = parseStrictJson('{"__proto__":{"a":1},"constructor":2}') as Record<string, unknown>;
  t.equal(Object.getPrototypeOf(value), null);
  t.same(Object.keys(value), ["__proto__", "constructor"]);
  t.equal(({} as Record<string, unknown>)["a"], undefined);
  t.end();
});

test("a refusal says where, and stays short whatever the text", (t) => {
  t.throws(() => parseStrictJson('{"a":1,"a":2}'), /offset 10: duplicate key "a"/);
  const key = JSON.stringify("k".repeat(100_000));
  try {
    parseStrictJson(`{${key}:1,${key}:2}`);
    t.fail("was accepted");
  } catch (error) {
    t.ok(error instanceof Refusal && error.message.length < 200);
  }
  t.end();
});

test("attack: a hostile megabyte is read in linear time, and nothing overflows", (t) => {
  const size = limits.bodyBytes;
  for (const text of [
    '"'.repeat(size),
    "\\".repeat(size),
    `"${"\\".repeat(size)}`,
    `"${"\\n".repeat(size / 2)}"`,
    `"${"\\n".repeat(limits.frameBytes / 2)}"`,
    `"${"\\u0041".repeat(size / 6)}`,
    `"${"a\\n".repeat(size / 3)}`,
    `"${"a".repeat(size)}`,
    "[".repeat(size),
    '{"a":'.repeat(size / 5),
    `["${"\\n".repeat(100)}${'","'.repeat(size / 3)}`,
    " ".repeat(size),
    "1".repeat(size),
    `1${"0".repeat(10)}e${"1".repeat(size)}`,
    "-".repeat(size),
    `{${Array.from({ length: 24_000 }, (_, index) => `"k${index}":1`).join(",")}}`,
  ]) {
    const started = process.cpuUsage();
    try {
      parseStrictJson(text);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
    // Processor time, with room for a busy machine: what is quadratic takes minutes.
    t.ok(process.cpuUsage(started).user < 5_000_000, JSON.stringify(text.slice(0, 20)));
  }
  t.end();
});

const safeNumber = fc
  .oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .filter((value) => !Object.is(value, -0))
  .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value));

const safeJson: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false),
    safeNumber,
    fc.string({ unit: "binary" }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(fc.string({ unit: "binary" }), tie("value"), { maxKeys: 5 }) as fc.Arbitrary<
      Record<string, JsonValue>
    >,
  ),
})).value;

test("property: what JSON.stringify gives for a safe value parses back to it", (t) => {
  fc.assert(
    fc.property(safeJson, fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      return canonicalJson(parseStrictJson(text)) === canonicalJson(value);
    }),
    { seed, numRuns: 500 },
  );
  t.end();
});

test("property: whatever is accepted, JSON.parse reads in the same way", (t) => {
  const piece = fc.constantFrom(
    ...'[]{},:"\\ue0123-.+ \n',
    "true",
    "null",
    '"a"',
    "\\u0061",
    "\ud83d",
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
    fc.tuple(safeJson, fc.nat(), piece).map(([value, at, part]) => {
      const json = JSON.stringify(value);
      const place = at % (json.length + 1);
      return json.slice(0, place) + part + json.slice(place);
    }),
  );
  fc.assert(
    fc.property(text, (candidate) => {
      let value: JsonValue;
      try {
        value = parseStrictJson(candidate);
      } catch (error) {
        return error instanceof Refusal && error.code === "JSON_INVALID";
      }
      return canonicalJson(value) === canonicalJson(JSON.parse(candidate));
    }),
    { seed, numRuns: 2_000 },
  );
  t.end();
});

test("a text of escapes is read whatever its length, in little memory", (t) => {
  for (const piece of ["\\u0041", "\\n", "a\\n"]) {
    const source = `"${piece.repeat(2_000_000)}"`;
    t.ok(parseStrictJson(source) === JSON.parse(source), piece);
    t.throws(() => parseStrictJson(source.slice(0, -1)), { code: "JSON_INVALID" }, piece);
  }
  t.end();
});
