import { copiedFamily } from "../training/corpus.ts";
import { type Example, ownFamily } from "../training/example.ts";
import { judgePair, type Outcome, type Pair } from "../training/hold-out.ts";
import { settings } from "../training/settings.ts";

/** What came of one source of a pair that nothing was learnt from. */
export interface PairShare {
  readonly pair: Pair;
  readonly source: string;
  readonly isHostile: boolean;
  readonly texts: number;
  /** The share of its texts that passed the threshold: recall, or false alarms. */
  readonly passed: number;
}

/** Each family of hostile texts with each group of harmless ones. `told` hears of each pair that is done. */
export function judgePairs(
  examples: readonly Example[],
  told: (pair: Pair) => void,
): readonly PairShare[] {
  return pairsOf(examples).flatMap((pair) => {
    const outcomes = judgePair(examples, pair, settings);
    told(pair);
    return sharesOf(pair, outcomes);
  });
}

/** Families of harmless texts that are held out together, by what they are. */
const harmlessGroups: readonly (readonly string[])[] = [
  ["wildguard", "llm_guard"],
  ["injecagent", "dvmcp", "asb", "garak"],
  ["gitleaks", "detect-secrets", "sandbox-runtime", "sigstore-js", "jose"],
  ["cedar", "presidio", "fastify", "hono"],
];

function pairsOf(examples: readonly Example[]): readonly Pair[] {
  const known = new Set(examples.filter(isToBeHeldOut).map(({ family }) => family));
  return [...known]
    .sort()
    .flatMap((hostile) => harmlessGroups.map((harmless) => ({ hostile, harmless })));
}

function isToBeHeldOut({ isHostile, family }: Example): boolean {
  return isHostile && family !== ownFamily && family !== copiedFamily;
}

function sharesOf(pair: Pair, outcomes: readonly Outcome[]): readonly PairShare[] {
  const groups = Map.groupBy(outcomes, ({ isHostile, source }) => `${isHostile} ${source}`);
  return [...groups.values()].map((group) => ({
    pair,
    source: group[0]?.source ?? "",
    isHostile: group[0]?.isHostile ?? false,
    texts: group.length,
    passed: group.filter(({ passed }) => passed).length / group.length,
  }));
}
