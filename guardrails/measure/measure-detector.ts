import type { Finding } from "../../manifests/finding.ts";
import { measureLimits } from "../../manifests/measure-limits.ts";
import { documentOf, noContext } from "../detector.ts";
import { shippedClassifier } from "../injection/classifier/shipped-classifier.ts";
import { reasonsDetector } from "../injection/injection.ts";
import { injectionScore } from "../injection/score.ts";
import type { LabelledText } from "./labelled-texts.ts";
import { type Metrics, metricsOf, type Scored } from "./metrics.ts";

/** A text, what was said of it, and why. */
export interface Judged extends Scored, Omit<LabelledText, "label"> {
  readonly reasons: readonly string[];
}

export interface Measured {
  readonly total: Metrics;
  readonly bySource: Readonly<Record<string, Metrics>>;
  readonly byKind: Readonly<Record<string, Metrics>>;
  /** Million bytes of text a second, on one core. */
  readonly MBps: number;
}

/** Judges texts as the guards do, one after the other. `told` hears how many are done. */
export async function judgeTexts(
  texts: readonly LabelledText[],
  told: (done: number) => void,
): Promise<{ readonly judged: readonly Judged[]; readonly MBps: number }> {
  const judged: Judged[] = [];
  let [bytes, cpuUs] = [0, 0];
  for (const { label, ...row } of texts) {
    const before = process.cpuUsage();
    const findings = await findingsIn(row.text);
    const { user, system } = process.cpuUsage(before);
    cpuUs += user + system;
    bytes += Buffer.byteLength(row.text);
    const reasons = findings.map(({ kind }) => kind);
    judged.push({
      ...row,
      isHostile: label === "injection",
      score: injectionScore(findings),
      reasons,
    });
    told(judged.length);
  }
  return { judged, MBps: cpuUs === 0 ? 0 : bytes / cpuUs };
}

/** As the detector finds them, and what it does not tell for being too little, for curves show that, too. */
async function findingsIn(text: string): Promise<readonly Finding[]> {
  const document = documentOf(text, "");
  const reasons = await reasonsDetector().detect(document, noContext);
  return [...reasons, ...(await shippedClassifier().detect(document))];
}

export function measure(judged: readonly Judged[], threshold: number, MBps: number): Measured {
  const by = (name: "source" | "kind"): Record<string, Metrics> => {
    const groups = [...Map.groupBy(judged, (one) => one[name])].sort(([a], [b]) =>
      a < b ? -1 : 1,
    );
    return Object.fromEntries(groups.map(([key, group]) => [key, metricsOf(group, threshold)]));
  };
  return { total: metricsOf(judged, threshold), bySource: by("source"), byKind: by("kind"), MBps };
}

/** Hostile texts that scored lowest, harmless ones that scored highest; on the wrong side alone. */
export function worst(judged: readonly Judged[], threshold: number): Worst {
  const misses = judged.filter(({ isHostile, score }) => isHostile && score < threshold);
  const alarms = judged.filter(({ isHostile, score }) => !isHostile && score >= threshold);
  const { shown } = measureLimits;
  return {
    misses: misses.toSorted((a, b) => a.score - b.score).slice(0, shown),
    alarms: alarms.toSorted((a, b) => b.score - a.score).slice(0, shown),
  };
}

export interface Worst {
  readonly misses: readonly Judged[];
  readonly alarms: readonly Judged[];
}
