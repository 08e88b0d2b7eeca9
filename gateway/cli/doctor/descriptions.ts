import { judgeDescription } from "../../tools/check-description.ts";
import type { Tool } from "../../tools/tool.ts";
import { type Check, ok, warn } from "./check.ts";

/** What models are told of the tools: hostile ones are not loaded, doubtful ones a person should read. */
export async function checkDescriptions(tools: Iterable<Tool>): Promise<readonly Check[]> {
  const doubts: Check[] = [];
  for (const { manifest } of tools) {
    const { verdict, findings } = await judgeDescription(manifest);
    if (verdict === "clean") continue;
    const kinds = [...new Set(findings.map(({ kind }) => kind))].join(", ");
    const found = `what is said of \`${manifest.name}\` may be an order: ${kinds}`;
    doubts.push(warn("descriptions", found, `read the text at ${findings[0]?.path}`));
  }
  return doubts.length > 0 ? doubts : [ok("descriptions", "no tool's gives orders")];
}
