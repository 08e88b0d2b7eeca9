import fc from "fast-check";
import { test } from "tap";
import { canonicalJson } from "./canonical.ts";
import type { JsonValue } from "./json.ts";
import { parseStrictJson } from "./strict-json.ts";

const seed = 20_261_123;

/** The double of 16 hexadecimal digits, as the tables of RFC 8785 write them. */
function double(hexadecimal: string): number {
  return Buffer.from(hexadecimal, "hex").readDoubleBE();
}

test("numbers are written as RFC 8785, appendix B, has them", (t) => {
  for (const [bits, text] of [
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ] as const) {
    t.equal(canonicalJson(double(bits)), text, bits);
  }
  t.end();
});

test("what JSON cannot carry has no canonical form", (t) => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, 1n, () => 1, Symbol("a")]) {
    t.throws(() => canonicalJson(value as unknown as JsonValue), TypeError);
    t.throws(() => canonicalJson([value] as unknown as JsonValue), TypeError);
  }
  t.throws(() => canonicalJson("\ud800"), TypeError);
  t.throws(() => canonicalJson({ "\udc00": 1 }), TypeError);
  t.end();
});

test("the example of RFC 8785, section 3.2.2", (t) => {
  const value = {
    // biome-ignore lint/correctness/noPrecisionLoss: the example has it so.
    numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f",
    literals: [null, true, false],
  };
  t.equal(
    canonicalJson(value),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  t.end();
});

test("keys stand in the order of their UTF-16 units, as in RFC 8785, section 3.2.3", (t) => {
  const value = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\u{1f600}": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
  };
  const order = [...canonicalJson(value).matchAll(/:"([^"]+)"/g)].map((match) => match[1]);
  t.same(order, [
    "Carriage Return",
    "One",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
  ]);
  t.end();
});

test("objects without a prototype, and keys of the prototype, are as any other", (t) => {
  const value = parseStrictJson('{"a":[{}],"__proto__":1}');
  t.equal(canonicalJson(value), '{"__proto__":1,"a":[{}]}');
  t.end();
});

test("property: parsing the canonical form gives it again, in any order of keys", (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = canonicalJson(value as JsonValue);
      const reversed = JSON.parse(text, (_, part) =>
        typeof part === "object" && part !== null && !Array.isArray(part)
          ? Object.fromEntries(Object.entries(part).reverse())
          : part,
      );
      return canonicalJson(JSON.parse(text)) === text && canonicalJson(reversed) === text;
    }),
    { seed, numRuns: 300 },
  );
  t.end();
});
