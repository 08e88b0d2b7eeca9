import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import type { JsonObject } from "../../manifests/json.ts";

const code = `export function run({ text }) {
  if (text === undefined) throw new Error("no text");
  return text;
}`;

/** A folder with a tool `echo` that hands over its `text`, with `output` beside its schema. */
export function echoTool(t: Test, output: JsonObject, text: JsonObject = {}): string {
  const manifest = {
    apiVersion: "ringward/v1",
    kind: "Tool",
    name: "echo",
    version: "1.0.0",
    description: "Hands back what it is given.",
    input: {
      type: "object",
      additionalProperties: false,
      properties: { text },
    },
    effects: ["read"],
    output: { schema: true, ...output },
    run: { js: "./echo.ts" },
  };
  const folder = mkdtempSync(join(tmpdir(), "ringward-echo-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "echo.yaml"), JSON.stringify(manifest));
  writeFileSync(join(folder, "echo.ts"), code);
  return folder;
}
