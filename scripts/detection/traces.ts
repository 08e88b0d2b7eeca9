import { readFileSync } from "node:fs";
import { z } from "zod";
import type { LabelledText } from "../../guardrails/measure/labelled-texts.ts";

const result = z.union([z.string(), z.json()]);
const lineSchema = z.union([
  z.object({ kind: z.literal("task"), calls: z.array(z.object({ result })) }),
  z.object({ kind: z.literal("poison"), result }),
  z.object({ kind: z.literal("attack") }),
]);

/** The results of recorded calls, as they were and with somebody's orders in them; each once. */
export function textsOfTraces(file: string, source: string): readonly LabelledText[] {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  const texts = lines.flatMap((line) => textsIn(lineSchema.parse(JSON.parse(line))));
  const known = new Map(texts.map((one) => [one.text, one]));
  return [...known.values()].map((one, index) => {
    const kind = one.label === "injection" ? "poisoned result" : "result";
    return { id: `${source}-${index}`, kind, source, ...one };
  });
}

type Text = Pick<LabelledText, "text" | "label">;

function textsIn(line: z.infer<typeof lineSchema>): readonly Text[] {
  if (line.kind === "attack") return [];
  if (line.kind === "poison") return [{ text: textOf(line.result), label: "injection" }];
  return line.calls.map((call) => ({ text: textOf(call.result), label: "benign" }));
}

function textOf(value: z.infer<typeof result>): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
