import { fitJoint, type Joint, jointLogit, thresholdOf, type Unseen } from "./calibrate.ts";
import { copiedFamily } from "./corpus.ts";
import { type Example, ownFamily } from "./example.ts";
import { logitOfExample, type Model, type Settings, train } from "./trainer.ts";

/** Families, and sorts of made texts, that are held out together. */
export interface Fold {
  readonly hostile: readonly string[];
  readonly harmless: readonly string[];
  readonly ownHostile: readonly string[];
  readonly ownHarmless: readonly string[];
}

/** Each family is held out once, and each sort of made text. */
export const folds: readonly Fold[] = [
  {
    hostile: ["asb", "dvmcp"],
    harmless: ["wildguard", "jose", "sandbox-runtime", "sigstore-js"],
    ownHostile: ["override", "german", "secret", "prompt"],
    ownHarmless: ["docs", "commit", "german", "trigger", "edge", "french"],
  },
  {
    hostile: ["cyberseceval", "garak"],
    harmless: ["injecagent", "dvmcp", "cedar", "presidio", "asb"],
    ownHostile: ["agent", "tool", "role", "hypothetical"],
    ownHarmless: ["creative", "roleplay", "letter", "toolresult", "task"],
  },
  {
    hostile: ["injecagent", "llm_guard"],
    harmless: ["fastify", "gitleaks", "garak", "hono", "detect-secrets", "llm_guard"],
    ownHostile: ["goal", "marks", "say", "spanish", "french", "chinese"],
    ownHarmless: [
      "security",
      "tooldesc",
      "chinese",
      "question",
      "review",
      "assistant",
      "prose",
      "spanish",
    ],
  },
];

/** A model, and how it is to be read, all of it from the same examples. */
export interface Trained {
  readonly model: Model;
  readonly joint: Joint;
  /** Logits of both kinds of evidence together, from which on a text counts as hostile. */
  readonly threshold: number;
}

/** False alarms that the threshold allows for, on texts of families that were held out. */
export const falseAlarmShare = 0.008;

/** Learns from examples; what is held out inside, fold after fold, says what the model is worth. */
export function trainAndCalibrate(given: readonly Example[], settings: Settings): Trained {
  const examples = given.filter(({ family }) => family !== copiedFamily);
  const model = train(examples, settings);
  const unseen = folds.flatMap((fold) => unseenIn(examples, fold, settings));
  const joint = fitJoint(unseen, settings.realShare);
  return { model, joint, threshold: thresholdOf(unseen, joint, falseAlarmShare) };
}

function unseenIn(examples: readonly Example[], fold: Fold, settings: Settings): readonly Unseen[] {
  const seen = examples.filter((example) => !isHeldOut(example, fold));
  const model = train(seen, settings);
  return examples
    .filter((example) => isHeldOut(example, fold) && example.carrier === undefined)
    .map((example) => ({ example, logit: logitOfExample(example, model, settings.windowWords) }));
}

function isHeldOut({ isHostile, family, source, carrier }: Example, fold: Fold): boolean {
  if (family === ownFamily) {
    const sorts = isHostile ? fold.ownHostile : fold.ownHarmless;
    return sorts.includes(source) || (carrier !== undefined && fold.harmless.includes(carrier));
  }
  return (isHostile ? fold.hostile : fold.harmless).includes(family);
}

export interface Pair {
  /** Families of hostile texts, and of harmless ones, that nothing is learnt from. */
  readonly hostile: string;
  readonly harmless: readonly string[];
}

/** What became of the texts of a pair: whether each passed the threshold. */
export interface Outcome {
  readonly source: string;
  readonly isHostile: boolean;
  readonly passed: boolean;
}

/** Learns from all but a pair, threshold and all, and judges the pair. */
export function judgePair(
  examples: readonly Example[],
  pair: Pair,
  settings: Settings,
): readonly Outcome[] {
  const rest = examples.filter((example) => !isOf(pair, example) && !isCarriedBy(pair, example));
  const { model, joint, threshold } = trainAndCalibrate(rest, settings);
  return examples
    .filter((example) => isOf(pair, example))
    .map((example) => {
      const logit = logitOfExample(example, model, settings.windowWords);
      const passed = jointLogit({ example, logit }, joint) >= threshold;
      return { source: example.source, isHostile: example.isHostile, passed };
    });
}

function isOf({ hostile, harmless }: Pair, { isHostile, family }: Example): boolean {
  return isHostile ? family === hostile : harmless.includes(family);
}

function isCarriedBy({ harmless }: Pair, { carrier }: Example): boolean {
  return carrier !== undefined && harmless.includes(carrier);
}
