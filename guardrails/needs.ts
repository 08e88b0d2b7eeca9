import { Keywords } from "./injection/keywords.ts";

/**
 * Which of many regular expressions match a text: one pass for the words that stand in them, and
 * then only those whose words the text has. Case does not matter. Groups in them hold no others.
 */
export class Needs {
  /** Those without such words: each is tried. */
  readonly #others: readonly string[];
  readonly #patterns: ReadonlyMap<string, RegExp>;
  readonly #keywords: Keywords;
  /** Of each word, whose it is. */
  readonly #owners: readonly string[];

  constructor(sources: readonly string[]) {
    const all = [...new Set(sources)].map((source) => ({ source, words: wordsOf(source) }));
    const worded = all.filter(({ words }) => words.every((word) => word.length >= leastChars));
    const owned = worded.flatMap(({ source, words }) => words.map((word) => ({ source, word })));
    this.#others = all.filter((one) => !worded.includes(one)).map(({ source }) => source);
    this.#patterns = new Map(all.map(({ source }) => [source, new RegExp(source, "i")]));
    this.#keywords = new Keywords(owned.map(({ word }) => word));
    this.#owners = owned.map(({ source }) => source);
  }

  /** The sources that match. */
  metBy(text: string): ReadonlySet<string> {
    const possible = new Set(this.#others);
    this.#keywords.find(text, (word) => {
      possible.add(this.#owners[word] as string);
    });
    return new Set([...possible].filter((source) => this.#patterns.get(source)?.test(text)));
  }
}

/** Shorter ones stand everywhere. */
const leastChars = 3;

/** A letter, or what may be several, and how often it stands. */
const token =
  /(?:\\(?<escaped>\W)|(?<set>\\\w|\[(?:\\.|[^\]\\])*\]|\((?:\\.|[^()\\])*\))|(?<plain>[^\\[(]))(?<times>[?*+]|\{\d+(?:,\d*)?\})?/g;

/** Words, of which every match holds one, in lower case: of each alternative the longest. */
function wordsOf(source: string): readonly string[] {
  // Of each alternative its runs, and each in all its spellings.
  const alternatives: string[][][] = [[[""]]];
  for (const { groups = {} } of source.matchAll(token)) {
    const runs = alternatives.at(-1) as string[][];
    const options = optionsOf(groups);
    if (groups["plain"] === "|") alternatives.push([[""]]);
    else if (options === undefined) runs.push([""]);
    else runs.push((runs.pop() ?? []).flatMap((word) => options.map((option) => word + option)));
  }
  return alternatives.flatMap((runs) => runs.toSorted((a, b) => charsOf(b) - charsOf(a))[0] ?? []);
}

/** What stands at one place, where that is one of a few. */
function optionsOf({ escaped, plain, set = "", times }: Token): readonly string[] | undefined {
  if (times !== undefined) return undefined;
  if (set === "") return [(escaped ?? plain ?? "").toLowerCase()];
  const letters = /^\[(\w{1,8})\]$/.exec(set)?.[1]?.toLowerCase();
  const words = /^\(\?:([\w|]{1,80})\)$/.exec(set)?.[1]?.toLowerCase();
  return letters === undefined ? words?.split("|") : [...new Set(letters)];
}

type Token = Readonly<Record<string, string | undefined>>;

function charsOf(words: readonly string[]): number {
  return Math.min(...words.map(({ length }) => length));
}
