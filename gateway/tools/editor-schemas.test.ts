import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { editorSchemas } from "./editor-schemas.ts";

const folder = join(import.meta.dirname, "../../manifests/schema");

test("the committed schemas are what the types say (`npm run schema` writes them anew)", (t) => {
  const schemas = editorSchemas();
  t.same(readdirSync(folder).sort(), Object.keys(schemas).sort());
  for (const [file, text] of Object.entries(schemas)) {
    t.equal(readFileSync(join(folder, file), "utf8"), text, file);
  }
  t.end();
});

test("an editor is told of unknown keys, of limits and of what each field is for", (t) => {
  const tool = JSON.parse(editorSchemas()["tool.json"] ?? "");
  t.equal(tool.additionalProperties, false);
  t.ok(tool.required.includes("effects") && !tool.required.includes("budget"));
  t.type(tool.properties.description.description, "string");
  t.type(tool.properties.limits.properties.wallMs.maximum, "number");
  t.end();
});
