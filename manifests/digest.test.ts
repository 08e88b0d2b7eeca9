import { createHash } from "node:crypto";
import { test } from "tap";
import { digestJson, digestParts } from "./digest.ts";

test("is SHA-256 over the domain and the length-prefixed parts", (t) => {
  const expected = createHash("sha256").update("ringward/v1/grant\n3:h\u00e91:b").digest("hex");
  t.equal(digestParts("grant", ["h\u00e9", "b"]), expected);
  t.equal(digestJson("grant", { b: 1, a: [] }), digestParts("grant", ['{"a":[],"b":1}']));
  t.end();
});

test("equal values have equal digests, whatever the order of keys", (t) => {
  const bare: Record<string, number> = Object.create(null);
  bare["b"] = 2;
  bare["a"] = 1;
  t.equal(digestJson("arguments", { a: 1, b: 2 }), digestJson("arguments", bare));
  t.not(digestJson("arguments", { a: 1 }), digestJson("arguments", { a: "1" }));
  t.end();
});

test("attack: no digest stands in for one of another domain or another split", (t) => {
  const digests = [
    digestParts("grant", ["a", "bc"]),
    digestParts("grant", ["ab", "c"]),
    digestParts("grant", ["abc"]),
    digestParts("grant", ["a", "bc", ""]),
    digestParts("grant", ["1:a2:bc"]),
    digestParts("approval", ["a", "bc"]),
    digestParts("record", []),
    digestParts("record", [""]),
  ];
  t.equal(new Set(digests).size, digests.length);
  t.end();
});

test("attack: halves of surrogate pairs, which all become the same bytes, have no digest", (t) => {
  t.throws(() => digestParts("credential", ["\ud800"]), TypeError);
  t.throws(() => digestJson("arguments", { a: "\udc00" }), TypeError);
  t.end();
});
