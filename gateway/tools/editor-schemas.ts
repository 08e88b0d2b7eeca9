import type { JsonObject } from "../../manifests/json.ts";
import { manifestJsonSchema } from "../../manifests/manifest.ts";
import { configJsonSchema } from "../config/config.ts";

/** Files of `manifests/schema/` with their text: JSON Schemas that editors check YAML files by. */
export function editorSchemas(): Readonly<Record<string, string>> {
  return {
    "tool.json": textOf("A Ringward tool", manifestJsonSchema()),
    "deployment.json": textOf("A Ringward deployment", configJsonSchema()),
  };
}

function textOf(title: string, schema: JsonObject): string {
  return `${JSON.stringify({ title, ...schema }, null, 2)}\n`;
}
