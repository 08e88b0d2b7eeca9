import type { Mutation } from "./mutations.ts";

const injection = "guardrails/injection/injection.test.ts";
const file = "guardrails/injection/injection.ts";
const score = "guardrails/injection/score.ts";
const scoreTest = "guardrails/injection/score.test.ts";

export const injectionMutations: readonly Mutation[] = [
  {
    takesOut: "hostile results are untrusted",
    file: "gateway/stages/inspect.ts",
    from: "isHostile(findings) ?",
    to: "isHostile([]) ?",
    test: "tests/security/spine-injection.test.ts",
  },
  {
    takesOut: "signatures look at all that a text is written in",
    ...{ file, from: "of views().all)", to: "of views().all.slice(0, 1))", test: injection },
  },
  {
    takesOut: "the work of signatures is bounded",
    ...{ file, from: "this.#workChars > signatureLimits.workChars", to: "this.#workChars < 0" },
    test: injection,
  },
  {
    takesOut: "what is too much work is a finding",
    ...{ file, from: "return [...search.found, unread].map", to: "return [...search.found].map" },
    test: injection,
  },
  {
    takesOut: "signatures are tried where all that they need is near",
    ...{ file, from: "at - other > this.#reach", to: "at < other", test: injection },
  },
  {
    takesOut: "several findings are surer than one",
    ...{ file: score, from: "doubt * (1 - score)", to: "Math.min(doubt, 1 - score)" },
    test: scoreTest,
  },
  {
    takesOut: "one wording in several languages counts once",
    ...{ file: score, from: '.replace(/^[a-z]{2}-/, "")', to: "", test: scoreTest },
  },
  {
    takesOut: "a signature matches its examples",
    file: "guardrails/injection/signature.ts",
    from: "if (!pattern.matcher(text).find()) complain",
    to: "if (text.length < 0) complain",
    test: "guardrails/injection/signature.test.ts",
  },
  {
    takesOut: "a signature passes what it is to pass",
    file: "guardrails/injection/signature.ts",
    from: "if (pattern.matcher(text).find()) complain",
    to: "if (text.length < 0) complain",
    test: "guardrails/injection/signature.test.ts",
  },
  {
    takesOut: "keywords are found one in the other",
    file: "guardrails/injection/keywords.ts",
    from: "ends[child]?.push(...(ends[fails[child] ?? 0] ?? []));",
    to: "",
    test: "guardrails/injection/keywords.test.ts",
  },
];
