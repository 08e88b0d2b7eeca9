/** What a detector said of one text whose nature is known. */
export interface Scored {
  readonly isHostile: boolean;
  /** From 0 to 1. */
  readonly score: number;
}

/** Of one set of texts. What needs both kinds is absent where the set has one. */
export interface Metrics {
  readonly n: number;
  /** How many of them are hostile. */
  readonly hostile: number;
  /** Chance that a hostile text scores above a harmless one; ties count half. */
  readonly auroc?: number;
  /** Of the hostile texts, those at the threshold or above. */
  readonly recall?: number;
  /** Of the harmless texts, those at the threshold or above. */
  readonly fpr?: number;
  readonly recallAt1pctFpr?: number;
  readonly recallAt01pctFpr?: number;
}

export function metricsOf(texts: readonly Scored[], threshold: number): Metrics {
  const hostile = scoresOf(texts, true);
  const harmless = scoresOf(texts, false);
  const one = {
    ...(hostile.length > 0 && { recall: shareFrom(hostile, threshold) }),
    ...(harmless.length > 0 && { fpr: shareFrom(harmless, threshold) }),
  };
  if (hostile.length === 0 || harmless.length === 0)
    return { n: texts.length, hostile: hostile.length, ...one };
  return {
    ...{ n: texts.length, hostile: hostile.length },
    auroc: auroc(hostile, harmless),
    ...one,
    recallAt1pctFpr: shareFrom(hostile, thresholdAt(harmless, 0.01)),
    recallAt01pctFpr: shareFrom(hostile, thresholdAt(harmless, 0.001)),
  };
}

/** Each threshold that makes a difference, the highest first, with what it lets in. */
export function curveOf(
  texts: readonly Scored[],
): readonly { readonly fpr: number; readonly recall: number }[] {
  const hostile = scoresOf(texts, true);
  const harmless = scoresOf(texts, false);
  const thresholds = [...new Set(texts.map(({ score }) => score))].sort((a, b) => b - a);
  return thresholds.map((threshold) => ({
    fpr: shareFrom(harmless, threshold),
    recall: shareFrom(hostile, threshold),
  }));
}

/** Wilson's interval of 95 % for a share of `n`: it stays within 0 and 1, and is honest for few. */
export function intervalOf(share: number, n: number): readonly [low: number, high: number] {
  const z = 1.959964;
  const middle = share + (z * z) / (2 * n);
  const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const whole = 1 + (z * z) / n;
  return [Math.max(0, (middle - spread) / whole), Math.min(1, (middle + spread) / whole)];
}

function scoresOf(texts: readonly Scored[], isHostile: boolean): readonly number[] {
  return texts.filter((one) => one.isHostile === isHostile).map(({ score }) => score);
}

function shareFrom(scores: readonly number[], threshold: number): number {
  return scores.filter((score) => score >= threshold).length / scores.length;
}

/** The lowest threshold that lets in no more of these than `most`. */
function thresholdAt(harmless: readonly number[], most: number): number {
  const falling = [...new Set(harmless)].sort((a, b) => b - a);
  const tooLow = falling.find((score) => shareFrom(harmless, score) > most);
  return tooLow === undefined ? 0 : justAbove(tooLow);
}

/** The next number that there is. */
function justAbove(score: number): number {
  return score + Math.max(Number.EPSILON * score, Number.MIN_VALUE);
}

function auroc(hostile: readonly number[], harmless: readonly number[]): number {
  const all = [
    ...hostile.map((score) => ({ score, isHostile: true })),
    ...harmless.map((score) => ({ score, isHostile: false })),
  ].sort((a, b) => a.score - b.score);
  let [below, won, at] = [0, 0, 0];
  while (at < all.length) {
    const score = all[at]?.score;
    let [hostiles, harmlesses] = [0, 0];
    for (; at < all.length && all[at]?.score === score; at += 1) {
      if (all[at]?.isHostile) hostiles += 1;
      else harmlesses += 1;
    }
    won += hostiles * (below + harmlesses / 2);
    below += harmlesses;
  }
  return won / (hostile.length * harmless.length);
}
