import type { Mutation } from "./mutations.ts";

const test = "guardrails/personal/personal.test.ts";
const file = "guardrails/personal/personal.ts";
const numbers = "guardrails/personal/numbers.ts";
const rules = "guardrails/personal/number-rules.ts";

export const personalMutations: readonly Mutation[] = [
  {
    takesOut: "data of people is looked for in all that a text is written in",
    ...{ file, from: "of views().all)", to: "of views().all.slice(0, 1))", test },
  },
  {
    takesOut: "the work on numbers is bounded, and what is beyond is a finding",
    ...{ file, from: "this.#tried > personalLimits.numbersTried", to: "this.#tried < 0", test },
  },
  {
    takesOut: "no more of them is found than is listed",
    ...{
      file,
      from: "this.found.length > limits.findingsPerCall",
      to: "this.found.length < 0",
      test,
    },
  },
  {
    takesOut: "one place is of one kind",
    ...{ file, from: "start < one.end && one.start < end", to: "start > one.end", test },
  },
  {
    takesOut: "a form that other numbers have needs a word",
    ...{ file: numbers, from: "words === undefined ||", to: "words !== undefined ||", test },
  },
  {
    takesOut: "the name of a field is such a word",
    ...{ file: numbers, from: "|| words.test(field)", to: "", test },
  },
  {
    takesOut: "a part of a longer number is none",
    ...{ file: rules, from: String.raw`(?<!\d[-.,:/])`, to: "", test },
  },
  {
    takesOut: "check digits of cards",
    file: "guardrails/personal/card.ts",
    ...{ from: "&& validator.isLuhnNumber(digits)", to: "", test },
  },
  {
    takesOut: "check digits of accounts",
    file: "guardrails/personal/iban.ts",
    ...{ from: "&& validator.isIBAN(plain)", to: "", test },
  },
  {
    takesOut: "many data of people refuse no honest call",
    file: "gateway/stages/check.ts",
    ...{ from: "&& counted.includes(detector)", to: "", test: "tests/security/personal.test.ts" },
  },
];
