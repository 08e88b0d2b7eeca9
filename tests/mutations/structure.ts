import type { Mutation } from "./mutations.ts";

const places = "guardrails/structure/structure.test.ts";
const orders = "guardrails/injection/structure.test.ts";
const tools = "guardrails/tool-description.test.ts";

type Change = readonly [file: string, takesOut: string, from: string, to: string];

const inStructure: readonly Change[] = [
  ["open-elements", "what is hidden by a style is told", "hides(style, background)", "false"],
  ["html", "comments are places", 'this.#place("comment"', 'void ("comment"'],
  ["reading", "what lies far from a tag is read once", "margin * 2", "margin * 1e9"],
  ["fields", "a quote in a string does not end it", "at += 1;\n    else", "at += 0;\n    else"],
  ["tables", "a cell in quotes holds separators", "text[at] === '\"'", "text[at] === '\\0'"],
  ["sheets", "classes of a sheet hide", "sheet.set(name, known);", ""],
  [
    "yaml",
    "a value of many lines is one",
    "return { start: end, end: last,",
    "return { start, end,",
  ],
  ["css", "a comment in a style hides no property", '.replace(/\\/\\*[^*]{0,500}\\*\\//g, "")', ""],
  [
    "comments",
    "neighbouring lines are one comment",
    "last?.isLine && comment.isLine &&",
    "false &&",
  ],
];

const inFindings: readonly Change[] = [
  ["", "a hidden place raises an order", "hidden: steps(1.5, 2.5, 3)", "hidden: steps(99, 99, 99)"],
  ["", "a field raises an order", "field: steps(2, 3, 3.5)", "field: steps(99, 99, 99)"],
  [
    "",
    "what is decoded raises an order",
    "if (isDisguised || view.layers",
    "if (view.layers.length < 0 && view.layers",
  ],
  ["", "words of tags are an order", 'kind !== "tags" ||', 'kind === "tags" ||'],
  ["-tools", "names of tools are known as programs write them", "`[._/ -]?", "`[.]"],
  ["-marks", "who quotes marks writes about them", "isQuoted ? score / 2 : score", "score"],
  ["-marks", "an end of data is known", 'name: "end-of-data",', 'name: "role",'],
  ["-address", "who speaks to a model and orders is surer", "? 0.8 : 0.35", "? 0.35 : 0.35"],
];

export const structureMutations: readonly Mutation[] = [
  ...inStructure.map(([file, takesOut, from, to]) => ({
    ...{ takesOut, from, to, test: places },
    file: `guardrails/structure/${file}.ts`,
  })),
  ...inFindings.map(([file, takesOut, from, to]) => ({
    ...{ takesOut, from, to, test: orders },
    file: `guardrails/injection/structure${file}.ts`,
  })),
  {
    takesOut: "structure is a part of what injection finds",
    file: "guardrails/injection/injection.ts",
    from: "[...worded, ...structureFindings(document, context)]",
    to: "worded",
    test: "guardrails/injection/injection.test.ts",
  },
  {
    takesOut: "schemas are read",
    file: "guardrails/tool-description.ts",
    from: "yield* textsOf(member, place);",
    to: 'if (typeof member === "string") yield* textsOf(member, place);',
    test: tools,
  },
  {
    takesOut: "what is too long for a description is none",
    file: "guardrails/tool-description.ts",
    from: "text.length > structureLimits.descriptionChars",
    to: "text.length < 0",
    test: tools,
  },
  {
    takesOut: "doubtful descriptions are told",
    file: "gateway/cli/doctor/descriptions.ts",
    from: 'if (verdict === "clean") continue;',
    to: 'if (verdict !== "hostile") continue;',
    test: "gateway/cli/doctor/descriptions.test.ts",
  },
  {
    takesOut: "a hostile description is not loaded",
    file: "gateway/tools/read-tool.ts",
    from: "await checkDescription(source, read.manifest);",
    to: "",
    test: "tests/security/tool-descriptions.test.ts",
  },
];
