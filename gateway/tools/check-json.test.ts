import { test } from "tap";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { createSchemaCompiler } from "./check-json.ts";

test("a format looks at a text up to the limit; a longer one does not fit", (t) => {
  const check = createSchemaCompiler()({ type: "string", format: "uri" });
  const most = "https://a.example/".padEnd(limits.formatChars, "a");
  t.equal(check(most), undefined);
  t.match(check(`${most}a`), /format "uri"/);
  t.end();
});

test("two different patterns in one schema stay two", (t) => {
  const pattern = (text: string): JsonObject => ({ type: "string", pattern: text });
  const check = createSchemaCompiler()({
    type: "object",
    properties: { a: pattern("^a$"), b: pattern("^b$") },
  });
  t.equal(check({ a: "a", b: "b" }), undefined);
  t.match(check({ a: "b" }), "`/a` must match pattern");
  t.match(check({ b: "a" }), "`/b` must match pattern");
  t.end();
});

test("attack: a key of the prototype is no argument and fulfils none", (t) => {
  const check = createSchemaCompiler()({
    type: "object",
    additionalProperties: false,
    properties: { toString: { type: "string" } },
    required: ["toString"],
  });
  t.match(check({}), "must have required property 'toString'");
  t.match(check(JSON.parse('{"toString":"a","__proto__":{}}')), "`__proto__`");
  t.end();
});
