import { documentOf, noContext } from "../../guardrails/detector.ts";
import { injectionDetector } from "../../guardrails/injection/injection.ts";
import { injectionScore } from "../../guardrails/injection/score.ts";
import type { LabelledText } from "../../guardrails/measure/labelled-texts.ts";
import { type Robustness, robustnessOf } from "../../guardrails/measure/robustness.ts";
import { disguises } from "../../guardrails/testing/disguises.ts";
import { measureLimits } from "../../manifests/measure-limits.ts";
import { signatureLimits } from "../../manifests/signature-limits.ts";
import { seeded } from "../training/random.ts";
import { tableOf } from "./tables.ts";

/** The section of `docs/detection.md` on disguises. */
export async function disguisesSection(texts: readonly LabelledText[]): Promise<string> {
  const measured = await robustnessOf(
    texts.filter(({ source }) => !source.startsWith("encoded")),
    {
      disguises: Object.entries(disguises).map(([name, disguise]) => ({ name, disguise })),
      score,
      threshold: signatureLimits.hostileScore,
      random: seeded(20_261_123),
    },
  );
  const heading = ["disguise", "kept", "false alarms", "kept within", "false alarms within"];
  return `\n## Texts in disguise\n\n${about}\n${tableOf(heading, measured.map(rowOf))}\n`;
}

async function score(text: string): Promise<number> {
  return injectionScore(await injectionDetector().detect(documentOf(text, ""), noContext));
}

const about = `${measureLimits.robustnessTexts} hostile texts that are found, and as many harmless ones, written in each way: what is left of the score
of a hostile text (the 5th percentile of the score in disguise, as a share of the one without), and the share of
harmless texts that count as hostile then. "Within" is the same of a text in disguise between two harmless ones that
wear none. Where several letters are written in the same way (an i and an l as 1), or dots stand between letters
and in addresses, some of a text is lost.
`;

function rowOf({ name, ...figures }: Robustness): readonly string[] {
  const { kept, alarms, keptWithin, alarmsWithin } = figures;
  return [name, kept.toFixed(2), alarms.toFixed(3), keptWithin.toFixed(2), alarmsWithin.toFixed(3)];
}
