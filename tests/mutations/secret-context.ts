import type { Mutation } from "./mutations.ts";

const test = "guardrails/secret-context.test.ts";
const file = "guardrails/secret-context.ts";
const names = "guardrails/secret-names.ts";

export const secretContextMutations: readonly Mutation[] = [
  {
    takesOut: "what a name says is secret is looked for",
    file: "guardrails/secrets.ts",
    ...{ from: "namedSecretsIn(text, met).map(foundOf)", to: "[]", test },
  },
  {
    takesOut: "the name of a field is such a name",
    file: "guardrails/secrets.ts",
    ...{ from: "...secretOfField(text, fieldNameOf(path)).map(foundOf),", to: "", test },
  },
  {
    takesOut: "names that only speak of secrets name none",
    ...{ file: names, from: "words.some((word) => harmless.has(word))", to: "false", test },
  },
  {
    takesOut: "placeholders are no secrets",
    ...{ file, from: "isPlaceholder.test(value) || ", to: "", test },
  },
  {
    takesOut: "words are no tokens",
    ...{ file, from: "digitsOf(value) < 2 || ", to: "", test },
  },
  {
    takesOut: "headers of authorization are looked at",
    ...{ file, from: "headersIn(text) : []", to: "[] : []", test },
  },
  {
    takesOut: "patterns of services are tried",
    file: "guardrails/secret-patterns.ts",
    ...{ from: "...servicePatterns.map(", to: "...servicePatterns.slice(0, 0).map(" },
    test: "guardrails/secrets.test.ts",
  },
];
