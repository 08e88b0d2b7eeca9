import { documentOf, noContext } from "../../guardrails/detector.ts";
import { reasonsDetector } from "../../guardrails/injection/injection.ts";
import { doubtOf, reasonsOf, weightOf } from "../../guardrails/injection/score.ts";
import type { LabelledText } from "../../guardrails/measure/labelled-texts.ts";
import { type About, type Example, exampleOf, type Features, ownFamily } from "./example.ts";
import { type Grammar, type Made, madeTexts } from "./grammar.ts";
import { below, type Random, seeded } from "./random.ts";

/** Texts of one hand: they are held out together, for one tells of the other. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^(asb|cyberseceval|dvmcp|encoded|garak|injecagent|llm_guard|wildguard)/, "$1"],
  [/^(?:docs|commits):[^/]+\/(.+)$/, "$1"],
];

export function familyOf(source: string): string {
  for (const [pattern, name] of families) {
    const match = pattern.exec(source);
    if (match) return match[0].replace(pattern, name);
  }
  return source;
}

/** Made from texts of all the others by machine: nothing is learnt from them. */
export const copiedFamily = "encoded";

export interface Sources {
  readonly texts: readonly LabelledText[];
  readonly hostile: Grammar;
  readonly harmless: Grammar;
}

export interface Amounts {
  /** Texts made of each nature, and as many more put into real ones. */
  readonly made: number;
  readonly carried: number;
  readonly seed: number;
}

/** All examples there are, real ones first. */
export async function examplesOf(
  sources: Sources,
  amounts: Amounts,
  features: Features,
): Promise<readonly Example[]> {
  const examples: Example[] = [];
  const add = async (text: string, about: Known): Promise<void> => {
    const reasons = await reasonsIn(text);
    const weighed = { reasons: weightOf(reasons), doubt: doubtOf(reasons) };
    examples.push(exampleOf(text, { ...about, ...weighed }, features));
  };
  for (const { text, label, source } of sources.texts) {
    await add(text, { isHostile: label === "injection", family: familyOf(source), source });
  }
  for (const { text, ...about } of ownTexts(sources, amounts)) await add(text, about);
  return examples;
}

async function reasonsIn(text: string): Promise<number> {
  const findings = await reasonsDetector().detect(documentOf(text, ""), noContext);
  return reasonsOf(findings);
}

type Known = Omit<About, "reasons" | "doubt">;
type OwnText = Known & { readonly text: string };

function* ownTexts({ texts, hostile, harmless }: Sources, amounts: Amounts): Generator<OwnText> {
  const random = seeded(amounts.seed);
  const carriers = texts.filter(
    ({ label, text, source }) =>
      label === "benign" && text.length > leastCarrierChars && familyOf(source) !== copiedFamily,
  );
  for (const [grammar, isHostile] of [
    [hostile, true],
    [harmless, false],
  ] as const) {
    const made = madeTexts(grammar, amounts.made, random);
    for (const { sort, text } of made) {
      yield { text, isHostile, family: ownFamily, source: sort };
    }
    for (let count = 0; count < amounts.carried; count += 1) {
      const { sort, text } = made[below(made.length, random)] as Made;
      const carrier = carriers[below(carriers.length, random)] as LabelledText;
      const about = { isHostile, family: ownFamily, source: sort };
      yield {
        ...about,
        text: within(carrier.text, text, random),
        carrier: familyOf(carrier.source),
      };
    }
  }
}

const leastCarrierChars = 60;
const [leastPartChars, morePartChars] = [150, 500];

/** As strangers put what they say into a page, a comment, a field. */
const wrappings: readonly ((text: string) => string)[] = [
  (text) => ` ${text} `,
  (text) => `<!-- ${text} -->`,
  (text) => `\n${text}\n`,
  (text) => ` "${text}" `,
  (text) => `\n// ${text}\n`,
  (text) => ` ${text} `,
];

/** Puts a text into a part of another, after a sentence or a line where there is one. */
function within(carrier: string, text: string, random: Random): string {
  const length = Math.min(carrier.length, leastPartChars + below(morePartChars, random));
  const from = below(carrier.length - length + 1, random);
  const part = carrier.slice(from, from + length);
  const middle = below(part.length, random);
  const cut = middle + part.slice(middle).search(/[.\n}\]]/) + 1;
  const wrap = wrappings[below(wrappings.length, random)] ?? String;
  return part.slice(0, cut) + wrap(text) + part.slice(cut);
}
