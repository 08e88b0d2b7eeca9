import fc from "fast-check";
import { test } from "tap";
import { curveOf, intervalOf, metricsOf, type Scored } from "./metrics.ts";

const hostile = (...scores: number[]): Scored[] =>
  scores.map((score) => ({ isHostile: true, score }));
const harmless = (...scores: number[]): Scored[] =>
  scores.map((score) => ({ isHostile: false, score }));

test("recall and false alarms are shares at the threshold or above", (t) => {
  const texts = [...hostile(0.9, 0.7, 0.2), ...harmless(0.7, 0, 0, 0)];
  t.match(metricsOf(texts, 0.7), { n: 7, recall: 2 / 3, fpr: 1 / 4 });
  t.match(metricsOf(texts, 0.71), { recall: 1 / 3, fpr: 0 });
  t.strictSame(metricsOf(hostile(0.9, 0.1), 0.5), { n: 2, hostile: 2, recall: 0.5 });
  t.strictSame(metricsOf(harmless(0.9, 0.1), 0.5), { n: 2, hostile: 0, fpr: 0.5 });
  t.strictSame(metricsOf([], 0.5), { n: 0, hostile: 0 });
  t.end();
});

test("recall at a false alarm rate is that of the lowest threshold that keeps it", (t) => {
  const texts = [...hostile(0.9, 0.5, 0.3), ...harmless(0.5, ...Array(199).fill(0.1))];
  t.match(metricsOf(texts, 1), { recallAt1pctFpr: 1, recallAt01pctFpr: 1 / 3 });
  const tied = [...hostile(0.5, 0.5), ...harmless(...Array(10).fill(0.5), ...Array(90).fill(0))];
  t.match(metricsOf(tied, 1), { recallAt1pctFpr: 0, recallAt01pctFpr: 0 });
  t.match(metricsOf([...hostile(0.1), ...harmless(0, 0)], 1), { recallAt1pctFpr: 1 });
  t.end();
});

test("property: AUROC is the chance of one above the other, ties half", (t) => {
  const scores = fc.array(fc.constantFrom(0, 0.25, 0.5, 0.75, 1), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(scores, scores, (above, below) => {
      const pairs = above.flatMap((a) => below.map((b) => (Math.sign(a - b) + 1) / 2));
      const wanted = pairs.reduce<number>((sum, one) => sum + one, 0) / pairs.length;
      const { auroc = -1 } = metricsOf([...hostile(...above), ...harmless(...below)], 0.5);
      return Math.abs(auroc - wanted) < 1e-9;
    }),
    { seed: 20_261_123 },
  );
  t.end();
});

test("the curve rises to everything", (t) => {
  const curve = curveOf([...hostile(0.9, 0.5), ...harmless(0.5, 0)]);
  t.strictSame(curve, [
    { fpr: 0, recall: 0.5 },
    { fpr: 0.5, recall: 1 },
    { fpr: 1, recall: 1 },
  ]);
  t.end();
});

test("an interval is wide for few, narrow for many, and never beyond what there is", (t) => {
  const near = (given: readonly number[], wanted: readonly number[]): boolean =>
    given.every((one, index) => Math.abs(one - (wanted[index] ?? -1)) < 0.0005);
  // As tables of Wilson's interval have them.
  t.ok(near(intervalOf(0.5, 10), [0.2366, 0.7634]));
  t.ok(near(intervalOf(0, 10), [0, 0.2775]));
  t.ok(near(intervalOf(1, 10), [0.7225, 1]));
  t.ok(near(intervalOf(0.5, 10_000), [0.4902, 0.5098]));
  t.end();
});
