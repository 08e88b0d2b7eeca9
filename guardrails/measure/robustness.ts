import { measureLimits } from "../../manifests/measure-limits.ts";
import type { LabelledText } from "./labelled-texts.ts";

/** A way to make a text look other than it reads. */
export interface Disguising {
  readonly name: string;
  disguise(text: string): string;
}

/** What a disguise does to what the guards say of texts. */
export interface Robustness {
  readonly name: string;
  /** Of hostile texts, the 5th percentile of the score in disguise, as a share of the one without. */
  readonly kept: number;
  /** The share of harmless texts at the threshold or above in disguise. */
  readonly alarms: number;
  /** The same of texts that stand so between two harmless ones that wear none. */
  readonly keptWithin: number;
  readonly alarmsWithin: number;
}

export interface RobustnessSetup {
  readonly disguises: readonly Disguising[];
  readonly score: (text: string) => Promise<number>;
  readonly threshold: number;
  /** From 0 to below 1; the same numbers give the same sample. */
  readonly random: () => number;
}

/** Disguises a sample of hostile texts that are found without, and of harmless ones, in each way. */
export async function robustnessOf(
  texts: readonly LabelledText[],
  setup: RobustnessSetup,
): Promise<readonly Robustness[]> {
  const sample = await sampleOf(texts, setup);
  const measured: Robustness[] = [];
  for (const disguising of setup.disguises) {
    measured.push(await robustnessTo(disguising, sample, setup));
  }
  return measured;
}

/** A text, what stands around it in another one, and what is said of it alone and within that. */
interface Case {
  readonly text: string;
  readonly around: readonly [before: string, after: string];
  readonly alone: number;
  readonly within: number;
}

interface Sample {
  readonly hostile: readonly Case[];
  readonly harmless: readonly Case[];
}

async function sampleOf(texts: readonly LabelledText[], setup: RobustnessSetup): Promise<Sample> {
  const short = texts.filter(({ text }) => text.length <= measureLimits.robustnessChars);
  const mixed = shuffled(short, setup.random);
  const fillers = mixed.filter(({ label }) => label === "benign").map(({ text }) => text);
  const isFound = ({ alone, within }: Case): boolean => Math.min(alone, within) >= setup.threshold;
  const casesOf = async (
    label: LabelledText["label"],
    fits: (one: Case) => boolean,
  ): Promise<readonly Case[]> => {
    const cases: Case[] = [];
    for (const [index, { text }] of mixed.filter((row) => row.label === label).entries()) {
      if (cases.length === measureLimits.robustnessTexts) break;
      const one = await caseOf(text, aroundOf(fillers, index), setup);
      if (fits(one)) cases.push(one);
    }
    return cases;
  };
  return {
    hostile: await casesOf("injection", isFound),
    harmless: await casesOf("benign", (one) => !isFound(one)),
  };
}

/** From the end of the list, so that no text stands beside itself. */
function aroundOf(texts: readonly string[], index: number): Case["around"] {
  return [texts.at(-1 - index) ?? "", texts.at(-2 - index) ?? ""];
}

async function caseOf(
  text: string,
  around: Case["around"],
  { score }: RobustnessSetup,
): Promise<Case> {
  const within = await score(around.join(`\n${text}\n`));
  return { text, around, alone: await score(text), within };
}

async function robustnessTo(
  { name, disguise }: Disguising,
  { hostile, harmless }: Sample,
  setup: RobustnessSetup,
): Promise<Robustness> {
  const kept: Worn = { alone: [], within: [] };
  for (const plain of hostile) {
    const worn = await caseOf(disguise(plain.text), plain.around, setup);
    kept.alone.push(worn.alone / plain.alone);
    kept.within.push(worn.within / plain.within);
  }
  const scores: Worn = { alone: [], within: [] };
  for (const { text, around } of harmless) {
    const worn = await caseOf(disguise(text), around, setup);
    scores.alone.push(worn.alone);
    scores.within.push(worn.within);
  }
  const shareFound = (all: readonly number[]): number =>
    all.filter((one) => one >= setup.threshold).length / all.length;
  return {
    ...{ name, kept: lowEnd(kept.alone), alarms: shareFound(scores.alone) },
    ...{ keptWithin: lowEnd(kept.within), alarmsWithin: shareFound(scores.within) },
  };
}

interface Worn {
  readonly alone: number[];
  readonly within: number[];
}

/** The 5th percentile. */
function lowEnd(shares: readonly number[]): number {
  const rising = shares.toSorted((a, b) => a - b);
  return rising[Math.floor(rising.length * 0.05)] ?? 1;
}

/** Fisher and Yates. */
function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other] as Item, mixed[last] as Item];
  }
  return mixed;
}
