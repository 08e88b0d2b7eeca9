import type { Finding } from "../../manifests/finding.ts";
import { signatureLimits } from "../../manifests/signature-limits.ts";
import { absentLogit, classifierKind } from "./classifier/classifier.ts";
import { logitOf, probabilityOf } from "./classifier/logits.ts";
import { shippedClassifier } from "./classifier/shipped-classifier.ts";

type Evidence = Pick<Finding, "kind" | "score">;

/**
 * How sure all findings of a text together are, from 0 to 1: what signatures and structure say, as
 * independent doubts, and what the classifier says, each worth what it was worth on texts of sources
 * that nothing had been trained on. More findings, or surer ones, never make it lower. What several
 * languages say counts once.
 */
export function injectionScore(findings: readonly Evidence[]): number {
  const evidence = findings.filter(({ kind }) => kind.startsWith(prefix));
  if (evidence.length === 0) return 0;
  const reasons = reasonsOf(evidence);
  if (reasons === 1) return 1;
  const { calibration } = shippedClassifier();
  const judged = evidence.filter(({ kind }) => kind === classifierKind);
  const logit = Math.max(
    absentLogit(calibration),
    ...judged.map(({ score }) => Math.min(surest, logitOf(score))),
  );
  return probabilityOf(logit + calibration.reasons * weightOf(reasons) - doubtOf(reasons));
}

/** Whether a text is more likely an order than data; what it says is nobody's word then. */
export function isHostile(findings: readonly Evidence[]): boolean {
  return injectionScore(findings) >= signatureLimits.hostileScore;
}

const prefix = "injection:";

/** A logit that nothing is beyond. */
const surest = 20;

/** How sure signatures and structure are together: their doubts have nothing to do with each other. */
export function reasonsOf(findings: readonly Evidence[]): number {
  const byFamily = new Map<string, number>();
  for (const { kind, score } of findings) {
    if (!kind.startsWith(prefix) || kind === classifierKind) continue;
    const family = kind.slice(prefix.length).replace(/^[a-z]{2}-/, "");
    byFamily.set(family, Math.max(byFamily.get(family) ?? 0, score));
  }
  return 1 - [...byFamily.values()].reduce((doubt, score) => doubt * (1 - score), 1);
}

const least = 0.2;
const most = 0.98;

/** What nobody but the classifier takes for an order is less surely one, by so much of a logit. */
export function doubtOf(reasons: number): number {
  return reasons > least ? 0 : 1;
}

/** What reasons add to a logit: nothing where there are hardly any. Training reckons with the same. */
export function weightOf(reasons: number): number {
  return logitOf(Math.min(most, Math.max(least, reasons))) - logitOf(least);
}
