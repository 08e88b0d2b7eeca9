import type { Mutation } from "./mutations.ts";

const disguised = "guardrails/views/disguises.test.ts";
const hostile = "tests/security/hostile-texts.test.ts";
const views = "guardrails/views/views.test.ts";

const changes: readonly (readonly [
  file: string,
  takesOut: string,
  from: string,
  to: string,
  test: string,
])[] = [
  [
    "confusables",
    "Russian and Greek stay what they are",
    "if (kinds.has(foreign)) return false;",
    "",
    disguised,
  ],
  ["confusables", "words of look-alikes alone are read", "isLatin && isWorn", "false", disguised],
  [
    "confusables",
    "marks that make no letter are left out",
    '.replace(/\\p{M}/gu, "")',
    "",
    disguised,
  ],
  ["look-alikes", "Turkish has an i without a dot", "character === own", "false", disguised],
  [
    "look-alikes",
    "small capitals look like letters",
    "[...smallCapitals, ...filledLetters()]",
    "[]",
    disguised,
  ],
  ["spaced", "letters that are kept apart are put together", 'gap === usual ? "" :', "", disguised],
  ["spaced", "a formula is none", "group.length * 2 >= gaps.length", "group.length > 0", disguised],
  ["leetspeak", "a version and a number are no words", "all: 64,", "all: 4,", disguised],
  ["rotations", "words are reversed each by itself", "wordsOf(text, range)", "[]", disguised],
  ["hidden", "tags are read", "codePoint & 0x7f", "0", disguised],
  [
    "rewritings",
    "several ways at once are read together",
    "all.length > 1 ? [...all, together(all)] : all",
    "all",
    disguised,
  ],
  [
    "rewritings",
    "what stands beside each other is not read in every order",
    "(!origin || areAmong(changes, origin.changed))",
    "origin !== null",
    hostile,
  ],
  [
    "views",
    "words of leetspeak are none as they stand",
    "step.worn.push(change)",
    "change",
    disguised,
  ],
  ["views", "a reading costs of what there is", "this.#charsLeft -= read.text.length;", "", views],
  [
    "blocks",
    "a wrapped part ends where a sentence begins",
    "?? (run.shorter && readingOf(run.shorter, budget))",
    "",
    views,
  ],
  ["runs", "a wrapped part ends at its padding", "&& !isPadding(text, at - 1)", "", views],
];

export const readingsMutations: readonly Mutation[] = [
  ...changes.map(([file, takesOut, from, to, test]) => ({
    ...{ takesOut, from, to, test },
    file: `guardrails/views/${file}.ts`,
  })),
  {
    takesOut: "a sign that stands for a phrase is left as it is",
    file: "guardrails/normalise.ts",
    from: "shown.length > viewLimits.normalisedChars",
    to: "false",
    test: hostile,
  },
];
