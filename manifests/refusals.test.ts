import { test } from "tap";
import { isRefusalCode, Refusal, refusalCodes, refusalEntry, rings } from "./refusals.ts";

const statuses = [202, 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504];

test("every code has its ring, a status, an OWASP id, a sentence and a mend", (t) => {
  for (const code of refusalCodes) {
    const { ring, status, owasp, says, mend } = refusalEntry(code);
    t.match(code, /^[A-Z]+(?:_[A-Z]+)*$/);
    t.ok(rings.includes(ring), `${code}: ${ring}`);
    t.ok(statuses.includes(status), `${code}: ${status}`);
    t.match(owasp, /^(?:ASI(?:0[1-9]|10)|-)$/, code);
    for (const sentence of [says, mend]) {
      t.match(sentence, /^[a-z`].{5,160}[^.!]$/i, `${code}: ${sentence}`);
    }
  }
  t.end();
});

test("codes stand in the order of the rings, and each ring has some", (t) => {
  const order = refusalCodes.map((code) => rings.indexOf(refusalEntry(code).ring));
  t.same(
    order,
    order.toSorted((a, b) => a - b),
  );
  t.same([...new Set(order)], [...rings.keys()]);
  t.end();
});

test("a refusal carries code, ring and cause; the ring may be another than the usual one", (t) => {
  const cause = new Error("below");
  const refusal = new Refusal("OVERLOADED", undefined, { cause, retryAfterSeconds: 3 });
  t.match(refusal, { name: "Refusal", code: "OVERLOADED", ring: "door", retryAfterSeconds: 3 });
  t.equal(refusal.message, refusalEntry("OVERLOADED").says);
  t.equal(refusal.cause, cause);
  t.equal(new Refusal("SCAN_LIMIT", "too long", { ring: "output" }).ring, "output");
  t.notOk("cause" in new Refusal("FROZEN"));
  t.end();
});

test("a code is one of the list, not a key of its prototype", (t) => {
  t.ok(isRefusalCode("FROZEN"));
  for (const text of ["frozen", "", "toString", "__proto__", "constructor"]) {
    t.notOk(isRefusalCode(text), text);
  }
  t.end();
});
