import type { Mutation } from "./mutations.ts";

const test = "guardrails/held-values.test.ts";
const file = "guardrails/held-values.ts";
const provider = "gateway/secrets/create-secrets.ts";
const providerTest = "gateway/secrets/create-secrets.test.ts";

export const heldValuesMutations: readonly Mutation[] = [
  {
    takesOut: "values that the gateway holds are looked for",
    file: "guardrails/secrets.ts",
    ...{ from: "found.push(...findHeld(view, held));", to: "", test },
  },
  {
    takesOut: "guards know the values that the gateway holds",
    file: "gateway/guard.ts",
    ...{ from: "held: held() }", to: "held: [] }", test: "tests/security/held-values.test.ts" },
  },
  {
    takesOut: "what a server takes out of a value is looked for",
    ...{ file, from: "[value, ...textsIn(value)]", to: "[value]", test },
  },
  {
    takesOut: "a value that is repeated is told no more often than is listed",
    ...{ file, from: ".slice(0, limits.findingsPerCall + 1)", to: "", test },
  },
  {
    takesOut: "held values are those of now",
    ...{ file: provider, from: "now === stamp", to: 'stamp !== ""', test: providerTest },
  },
  {
    takesOut: "what a program said is held",
    ...{ file: provider, from: "said.set(name, value);", to: "", test: providerTest },
  },
];
