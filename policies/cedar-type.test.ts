import { checkParseSchema } from "@cedar-policy/cedar-wasm/nodejs";
import fc from "fast-check";
import { test } from "tap";
import type { JsonObject, JsonValue } from "../manifests/json.ts";
import { limits } from "../manifests/limits.ts";
import { typeOfSchema, typeText } from "./cedar-type.ts";
import { schemaText, toolShapes } from "./schema.ts";
import { sampleTool } from "./testing.ts";

const seed = 20_260_822;

test("gives each JSON Schema its Cedar type, and none where a valid value could have another", async (t) => {
  const text = { type: "string" };
  const types: readonly (readonly [JsonValue, string | undefined])[] = [
    [{ type: "string", format: "uri", maxLength: 3 }, "String"],
    [{ type: "integer" }, "Long"],
    [{ type: "number" }, "decimal"],
    [{ type: "boolean" }, "Bool"],
    [{ type: ["null", "string"] }, "String"],
    [{ type: "array", items: text }, "Set<String>"],
    [{ type: "array", items: { type: "integer" } }, "Set<Long>"],
    [
      { type: "object", required: ["b"], properties: { a: text, b: { type: "object" } } },
      '{ "a"?: String, "b": {  } }',
    ],
    [
      { type: "object", required: ["a"], properties: { a: { type: ["string", "null"] } } },
      '{ "a"?: String }',
    ],
    [{ type: "object", properties: { __entity: text, __extn: text, 'a"b': text } }, "{  }"],
    [{ type: "array", items: { type: "number" } }, undefined],
    [{ type: "array", items: text, prefixItems: [true] }, undefined],
    [{ type: "array" }, undefined],
    [{ type: ["string", "integer"] }, undefined],
    [{ type: "null" }, undefined],
    [{ enum: ["a", "b"] }, undefined],
    [{ $ref: "#/$defs/x" }, undefined],
    [{ anyOf: [text, { type: "integer" }] }, undefined],
    [true, undefined],
    [null, undefined],
    ["string", undefined],
  ];
  for (const [schema, wanted] of types) {
    const type = typeOfSchema(schema);
    t.equal(type && typeText(type), wanted, JSON.stringify(schema));
  }
});

test("a schema that is nested without end gets a type that ends", async (t) => {
  let schema: JsonObject = { type: "string" };
  for (let depth = 0; depth < 5_000; depth += 1) {
    schema = { type: "object", properties: { a: schema } };
  }
  const type = typeOfSchema(schema);
  const text = type === undefined ? "" : typeText(type);
  t.equal(text.split('"a"').length - 1, limits.jsonDepth);
});

test(`whatever the manifest says, the Cedar schema parses (seed ${seed})`, async (t) => {
  const type = fc.oneof(
    fc.constantFrom("string", "integer", "number", "boolean", "array", "object", "null", 7, null),
    fc.subarray(["string", "null", "object"]),
  );
  const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
    schema: fc.record(
      {
        type,
        items: fc.oneof({ maxDepth: 2 }, fc.constant(true), tie("schema")),
        properties: fc.oneof(
          { maxDepth: 3 },
          fc.constant("none"),
          fc.dictionary(
            fc.oneof(fc.string(), fc.constantFrom("path", "if", "a b", "__extn")),
            tie("schema"),
          ),
        ),
        required: fc.oneof(fc.constant(true), fc.array(fc.string())),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<JsonObject>,
  }));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), schema), (properties) => {
      const shapes = toolShapes([sampleTool("some.tool-1", properties as JsonObject)]);
      return checkParseSchema(schemaText(shapes.values())).type === "success";
    }),
    { seed, numRuns: 200 },
  );
  t.pass("all parsed");
});
