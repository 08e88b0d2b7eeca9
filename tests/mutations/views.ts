import type { Mutation } from "./mutations.ts";

const views = "guardrails/views/views.test.ts";
const room = "guardrails/views/";

const changes: readonly (readonly [file: string, takesOut: string, from: string, to: string])[] = [
  ["views", "layers have a number", "depth > viewLimits.depth ||", ""],
  ["views", "parts of a text have a number", "this.all.length > viewLimits.perText ||", ""],
  ["views", "what is decoded has a length", "|| this.#charsLeft < 0", ""],
  ["views", "what is left unread is told", "this.unread.push(range)", "range"],
  [
    "views",
    "what is decoded is read without disguise",
    "= normalise(text);",
    "= depth < 0 ? normalise(text) : { ...normalise(text), text };",
  ],
  [
    "blocks",
    "packed parts have a number",
    "if (budget.unpacks === 0)",
    "if (budget.unpacks < -1e9)",
  ],
  ["blocks", "what is unpacked has a length", "maxOutputLength: viewLimits.chars", ""],
  ["blocks", "a bomb is told", 'isTooLarge(error) ? "too-much"', "isTooLarge(error) ? undefined"],
  ["blocks", "base64 begins anywhere", "skipped < 4", "skipped < 1"],
  ["blocks", "base64 begins behind a sign", 'padded.slice(padded.lastIndexOf("=") + 1)', "padded"],
  ["blocks", "UTF-16 is read", 'isWide(bytes) ? "utf16le" : "utf8"', '"utf8"'],
  ["blocks", "bytes that are no text are no reading", "strange * 5 <= text.length", "strange >= 0"],
  ["runs", "what is wrapped is one run", "at - line >= wrappedChars", "at - line >= 10_000"],
  [
    "rewritten",
    "what stands far from each other is not read with all between",
    "start - at > margin * 2",
    "start < 0",
  ],
];

export const viewsMutations: readonly Mutation[] = [
  ...changes.map(([file, takesOut, from, to]) => ({
    ...{ takesOut, from, to },
    ...{ file: `${room}${file}.ts`, test: views },
  })),
  {
    takesOut: "secrets are looked for in all views",
    file: "guardrails/secrets.ts",
    from: "for (const view of all) {",
    to: "for (const view of all.slice(0, 1)) {",
    test: "guardrails/secrets.test.ts",
  },
  {
    takesOut: "what nobody has read counts as a secret",
    file: "guardrails/secrets.ts",
    from: "for (const { start, end } of unread) {",
    to: "for (const { start, end } of unread.slice(0, 0)) {",
    test: "guardrails/secrets.test.ts",
  },
];
