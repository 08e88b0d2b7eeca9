import { z } from "zod";
import {
  type DescribedTool,
  type JudgedDescription,
  judgeToolDescription,
} from "../../guardrails/tool-description.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import { parseYamlSource } from "../../manifests/yaml-source.ts";

/**
 * Reads what a model is told of a tool.
 *
 * @throws {SourceError} where it gives orders that are none of a tool's business.
 */
export async function checkDescription(
  source: { readonly file: string; readonly text: string },
  manifest: Manifest,
): Promise<void> {
  const { verdict, findings } = await judgeDescription(manifest);
  if (verdict !== "hostile") return;
  const [worst] = findings;
  const path = keysOf(worst?.path ?? "");
  const kinds = [...new Set(findings.map(({ kind }) => kind))].slice(0, 5).join(", ");
  const message = `what a model is told gives orders that are none of a tool's business (${kinds})`;
  // The file is read again for the line alone.
  parseYamlSource({ ...source, guide: "docs/guards.md" }, (input) => {
    throw new z.ZodError([{ code: "custom", path, message, input }]);
  });
}

export function judgeDescription(manifest: Manifest): Promise<JudgedDescription> {
  const { name, title, description, input, output } = manifest;
  const titled = title === undefined ? {} : { title };
  const tool: DescribedTool = { name, ...titled, description, input, output: output.schema };
  return judgeToolDescription(tool);
}

/** In the manifest, the schema of what a tool returns stands one level deeper. */
function keysOf(pointer: string): string[] {
  const keys = pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return keys[0] === "output" ? ["output", "schema", ...keys.slice(1)] : keys;
}
