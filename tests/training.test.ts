import { join } from "node:path";
import { test } from "tap";
import { vocabularyOf } from "../guardrails/injection/classifier/vocabulary.ts";
import { type Example, exampleOf } from "../scripts/training/example.ts";
import { type Grammar, madeTexts, readGrammar } from "../scripts/training/grammar.ts";
import { folds } from "../scripts/training/hold-out.ts";
import { seeded } from "../scripts/training/random.ts";
import { settings } from "../scripts/training/settings.ts";
import { logitOfExample, train } from "../scripts/training/trainer.ts";
import { readWords } from "../scripts/training/words.ts";
import { root } from "./support/source-files.ts";

const at = (name: string): string => join(root, "scripts/training", name);
const [hostile, harmless] = [readGrammar(at("hostile.yaml")), readGrammar(at("harmless.yaml"))];
const vocabulary = vocabularyOf(readWords(at("words.yaml")));
const small = { ...settings, buckets: 2 ** 14, epochs: 3 };

function examplesOf(grammar: Grammar, isHostile: boolean, seed: number): readonly Example[] {
  return madeTexts(grammar, 400, seeded(seed)).map(({ sort, text }) => {
    const about = { isHostile, family: "own", source: sort, reasons: 0, doubt: 0 };
    return exampleOf(text, about, { vocabulary, buckets: small.buckets });
  });
}

const examples = [...examplesOf(hostile, true, 1), ...examplesOf(harmless, false, 2)];

test("the same examples make the same weights", (t) => {
  const [one, other] = [train(examples, small), train(examples, small)];
  t.ok(one.weights.some((weight) => weight !== 0));
  t.strictSame(one, other);
  t.end();
});

test("texts that were not learnt from are told apart", (t) => {
  const model = train(examples, small);
  const meanOf = (grammar: Grammar): number => {
    const unseen = examplesOf(grammar, true, 3).map((one) => logitOfExample(one, model, 24));
    return unseen.reduce((sum, logit) => sum + logit, 0) / unseen.length;
  };
  t.ok(meanOf(hostile) > meanOf(harmless) + 2);
  t.end();
});

test("each sort of made text is held out once, and no text has a part left in it", (t) => {
  for (const [grammar, held] of [
    [hostile, folds.flatMap(({ ownHostile }) => ownHostile)],
    [harmless, folds.flatMap(({ ownHarmless }) => ownHarmless)],
  ] as const) {
    t.strictSame(held.toSorted(), Object.keys(grammar.start).sort());
    const names = Object.keys(grammar.parts);
    for (const { text } of madeTexts(grammar, 500, seeded(4))) {
      t.notOk(
        names.some((name) => text.includes(`<${name}>`)),
        text,
      );
    }
  }
  t.end();
});
