import type { Example } from "./example.ts";
import { below, type Random, seeded } from "./random.ts";

/** What learning found out, before it is made small. */
export interface Model {
  readonly weights: Float64Array;
  readonly bias: number;
}

export interface Settings {
  readonly buckets: number;
  readonly windowWords: number;
  readonly epochs: number;
  /** How far one example moves the weights. */
  readonly rate: number;
  /** The share by which each weight shrinks after every epoch. */
  readonly decay: number;
  /** The share of the weight of all examples that real ones have; made ones have the rest. */
  readonly realShare: number;
  readonly seed: number;
}

/**
 * Learns from examples whose nature is known: logistic regression on the surest stretch of each, the
 * same examples and settings giving the same model. Each family counts by the root of its number, so
 * that a large one does not drown the others.
 */
export function train(examples: readonly Example[], settings: Settings): Model {
  const learner = new Learner(settings);
  const shares = sharesOf(examples, settings.realShare);
  const order = examples.map((_, index) => index);
  const random = seeded(settings.seed);
  for (let epoch = 0; epoch < settings.epochs; epoch += 1) {
    shuffle(order, random);
    for (const index of order) {
      const example = examples[index] as Example;
      const isFirstLook = epoch === 0 && example.isHostile;
      const stretch = isFirstLook
        ? learner.anyStretch(example, random)
        : surestStretch(example, learner.weights, settings.windowWords);
      learner.learn(example, stretch, shares[index] ?? 0);
    }
    learner.shrink();
  }
  return { weights: learner.weights, bias: learner.bias };
}

/** The logit that a model gives to a text. */
export function logitOfExample(example: Example, model: Model, windowWords: number): number {
  return surestStretch(example, model.weights, windowWords).sum + model.bias;
}

interface Stretch {
  readonly sum: number;
  /** Words. */
  readonly from: number;
  readonly to: number;
}

/** Where nothing is known yet, each part of a hostile text is as likely to be what makes it so. */
class Learner {
  readonly weights: Float64Array;
  bias = -2;
  readonly #squares: Float64Array;
  #biasSquares = 1;
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.weights = new Float64Array(settings.buckets);
    this.#squares = new Float64Array(settings.buckets).fill(0.01);
  }

  anyStretch(example: Example, random: Random): Stretch {
    const { windowWords } = this.#settings;
    const free = Math.max(0, example.ends.length - windowWords);
    const from = below(free + 1, random);
    const to = Math.min(example.ends.length, from + windowWords);
    let sum = 0;
    for (let at = startOf(example, from); at < startOf(example, to); at += 1) {
      sum += this.weights[example.features[at] as number] as number;
    }
    return { sum, from, to };
  }

  learn(example: Example, { sum, from, to }: Stretch, share: number): void {
    const { weights } = this;
    const { rate } = this.#settings;
    const chance = 1 / (1 + Math.exp(-(sum + this.bias)));
    const gradient = (chance - (example.isHostile ? 1 : 0)) * share;
    if (Math.abs(gradient) < least) return;
    this.#biasSquares += gradient * gradient;
    this.bias -= (rate * gradient) / Math.sqrt(this.#biasSquares);
    for (let at = startOf(example, from); at < startOf(example, to); at += 1) {
      const feature = example.features[at] as number;
      const squares = (this.#squares[feature] as number) + gradient * gradient;
      this.#squares[feature] = squares;
      weights[feature] = (weights[feature] as number) - (rate * gradient) / Math.sqrt(squares);
    }
  }

  shrink(): void {
    const { weights } = this;
    const kept = 1 - this.#settings.decay;
    for (let at = 0; at < weights.length; at += 1) weights[at] = (weights[at] as number) * kept;
  }
}

/** An example that teaches less is passed over. */
const least = 1e-4;

function startOf({ ends }: Example, word: number): number {
  return word === 0 ? 0 : (ends[word - 1] as number);
}

function surestStretch(example: Example, weights: Float64Array, windowWords: number): Stretch {
  const { features, ends } = example;
  const sums = new Float64Array(ends.length);
  let [sum, best, to, at] = [0, Number.NEGATIVE_INFINITY, 0, 0];
  for (let word = 0; word < ends.length; word += 1) {
    let own = 0;
    for (; at < (ends[word] as number); at += 1) own += weights[features[at] as number] as number;
    sums[word] = own;
    sum += own - (word < windowWords ? 0 : (sums[word - windowWords] as number));
    const isWhole = word >= windowWords - 1 || word === ends.length - 1;
    if (!isWhole || sum <= best) continue;
    best = sum;
    to = word + 1;
  }
  return { sum: ends.length === 0 ? 0 : best, from: Math.max(0, to - windowWords), to };
}

/** No example counts more than so many. */
const mostShare = 10;

/** How much each example counts. Hostile and harmless ones together count the same. */
export function sharesOf(examples: readonly Example[], realShare: number): readonly number[] {
  const groups = Map.groupBy(examples, groupOf);
  const roots = new Map<string, number>();
  for (const [group, { length }] of groups)
    roots.set(group, group.includes(":own") ? 1 : Math.sqrt(length));
  const total = (isHostile: boolean, isOwn: boolean): number =>
    [...roots]
      .filter(([group]) => group.startsWith(`${isHostile}`) && group.includes(":own") === isOwn)
      .reduce((sum, [, root]) => sum + root, 0);
  const totals = new Map(
    [true, false].flatMap((is) => [true, false].map((own) => [`${is}${own}`, total(is, own)])),
  );
  return examples.map((example) => {
    const group = groupOf(example);
    const isOwn = group.includes(":own");
    const share = isOwn ? 1 - realShare : realShare;
    const part = (roots.get(group) ?? 0) / (totals.get(`${example.isHostile}${isOwn}`) ?? 1);
    const each = (share * part * examples.length) / 2 / (groups.get(group)?.length ?? 1);
    return Math.min(mostShare, each);
  });
}

/** Made texts that stand in a real one are a group of their own. */
function groupOf({ isHostile, family, carrier }: Example): string {
  return `${isHostile}:${family}${carrier === undefined ? "" : ":carried"}`;
}

function shuffle(order: number[], random: Random): void {
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = below(last + 1, random);
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
}
