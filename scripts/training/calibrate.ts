import { type Example, ownFamily } from "./example.ts";
import { sharesOf } from "./trainer.ts";

/** What a model that had not seen an example's family said of it. */
export interface Unseen {
  readonly example: Example;
  /** The classifier's logit. */
  readonly logit: number;
}

/** Joins what the classifier says with the other reasons; fitted on texts of unseen families. */
export interface Joint {
  readonly slope: number;
  readonly reasons: number;
  readonly offset: number;
}

/** Logits of the classifier are held between these. */
export const floor = -2;
export const ceiling = 8;

export function held(logit: number): number {
  return Math.min(ceiling, Math.max(floor, logit));
}

export function jointLogit({ example, logit }: Unseen, joint: Joint): number {
  const weighed = joint.slope * held(logit) + joint.reasons * example.reasons;
  return weighed + joint.offset - example.doubt;
}

const rounds = 400;
const rate = 0.3;

/** Logistic regression on both; neither ever speaks for harmlessness. */
export function fitJoint(unseen: readonly Unseen[], realShare: number): Joint {
  const shares = sharesOf(
    unseen.map(({ example }) => example),
    realShare,
  );
  const total = shares.reduce((sum, share) => sum + share, 0);
  let joint: Joint = { slope: 0.3, reasons: 0.5, offset: -2 };
  for (let round = 0; round < rounds; round += 1) {
    let [slope, reasons, offset] = [0, 0, 0];
    for (const [index, one] of unseen.entries()) {
      const chance = 1 / (1 + Math.exp(-jointLogit(one, joint)));
      const error = ((chance - (one.example.isHostile ? 1 : 0)) * (shares[index] ?? 0)) / total;
      slope += error * held(one.logit);
      reasons += error * one.example.reasons;
      offset += error;
    }
    joint = {
      slope: Math.max(leastSlope, joint.slope - rate * slope),
      reasons: Math.max(leastSlope, joint.reasons - rate * reasons),
      offset: joint.offset - rate * offset,
    };
  }
  return joint;
}

const leastSlope = 0.01;

/**
 * The logit from which on so small a share of harmless texts of unseen families passes; made texts
 * weigh half as much as real ones.
 */
export function thresholdOf(unseen: readonly Unseen[], joint: Joint, share: number): number {
  const harmless = unseen.filter(({ example }) => !example.isHostile);
  const own = harmless.filter(({ example }) => example.family === ownFamily).length;
  const real = harmless.length - own;
  const ranked = harmless
    .map((one) => ({
      logit: jointLogit(one, joint),
      weight: one.example.family === ownFamily ? (ownWeight * real) / own : 1,
    }))
    .sort((a, b) => b.logit - a.logit);
  const most = share * ranked.reduce((sum, { weight }) => sum + weight, 0);
  let passed = 0;
  for (const { logit, weight } of ranked) {
    passed += weight;
    if (passed > most) return logit;
  }
  return Number.POSITIVE_INFINITY;
}

const ownWeight = 0.5;
