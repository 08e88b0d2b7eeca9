import type { Mutation } from "./mutations.ts";

const folder = "guardrails/injection/classifier";
const score = "guardrails/injection/score.ts";

export const classifierMutations: readonly Mutation[] = [
  {
    takesOut: "damaged weights are refused",
    file: `${folder}/weights.ts`,
    from: "if (!digestOf(body).equals(bytes.subarray(body.length)))",
    to: "if (bytes.length === 1)",
    test: `${folder}/weights.test.ts`,
  },
  {
    takesOut: "weights are as many as they say",
    file: `${folder}/weights.ts`,
    from: ".refine((count) => Math.log2(count) % 1 === 0)",
    to: "",
    test: `${folder}/weights.test.ts`,
  },
  {
    takesOut: "the classifier looks at all that a text is written in",
    file: `${folder}/classifier.ts`,
    from: "of views().all)",
    to: "of views().all.slice(0, 1))",
    test: `${folder}/classifier.test.ts`,
  },
  {
    takesOut: "the surest stretch of a text counts, wherever it stands",
    file: `${folder}/window-sums.ts`,
    from: "this.#best === undefined || this.#sum > this.#best.sum",
    to: "this.#best === undefined",
    test: `${folder}/classifier.test.ts`,
  },
  {
    takesOut: "what could not be read is hostile by itself",
    file: score,
    from: "if (reasons === 1) return 1;",
    to: "",
    test: "guardrails/injection/score.test.ts",
  },
  {
    takesOut: "what only the classifier says is doubted",
    file: score,
    from: "return reasons > least ? 0 : 1;",
    to: "return reasons > least ? 0 : 0;",
    test: "guardrails/injection/score.test.ts",
  },
  {
    takesOut: "more evidence never makes a text less hostile",
    file: score,
    from: "logit + calibration.reasons",
    to: "logit - calibration.reasons",
    test: "guardrails/injection/score.test.ts",
  },
];
