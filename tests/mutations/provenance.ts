import type { Mutation } from "./mutations.ts";

type Change = readonly [takesOut: string, from: string, to: string];

const index = "gateway/sessions/provenance/provenance-index";
const fields = "manifests/field-labels";

export const provenance: readonly Mutation[] = [
  ...changes(`${index}.ts`, `${index}.test.ts`, [
    [
      "what an argument is encoded in is looked up",
      'inside.includes("untrusted") ? "untrusted" : ',
      "",
    ],
    [
      "a stranger's encoded text is read",
      "for (const { text } of viewsOf(value).all.slice(1))",
      "for (const { text } of [])",
    ],
    [
      "a full index knows that it is full",
      'return seen.isFull ? "unclear" : "no";',
      'return "no";',
    ],
    [
      "where nobody can tell, a stranger said it",
      'look(this.#seen.untrusted) === "no" ? "unknown" : "untrusted"',
      'look(this.#seen.untrusted) === "yes" ? "untrusted" : "unknown"',
    ],
    ["short values collide", 'isShort ? weaker(source, "unknown") : source', "source"],
    ["days are known in each form", 'return days.reduce(better, "unknown");', 'return "unknown";'],
    [
      "a field's short value is known by its name",
      'role === "identifier" ? this.#sourceOfField({ name, value }) : "unknown"',
      '"unknown"',
    ],
    ["who describes a record has chosen it", 'isChosen ? "task" : source', "source"],
    [
      "each part has its own standing",
      "const seen = this.#seen[integrity];",
      'const seen = this.#seen["trusted"];',
    ],
  ]),
  ...changes("gateway/sessions/provenance/records.ts", `${index}.test.ts`, [
    ["untrusted fields describe nothing", 'integrity === "trusted" && ', ""],
    ["what half of the records say tells none apart", "(counts.get(word) ?? 0) <= most", "true"],
  ]),
  ...changes(
    "gateway/sessions/provenance/secrets-read.ts",
    "gateway/sessions/provenance/secrets-read.test.ts",
    [
      [
        "a secret is read in what it is written in",
        "viewsOf(text).all.some(",
        "viewsOf(text).all.slice(0, 1).some(",
      ],
      ["runs of words are known again", " || this.#hasRun(view.text)", ""],
      ["addresses are known again", " || this.#hasAddress(view.text)", ""],
      ["what the user said is no secret", "if (isSaid(value)) continue;", ""],
      ["days are no secret", " && !days.has(compact(value.value))", ""],
      [
        "pieces are known again",
        "if (value.length <= pieceChars) return [value];",
        "return [value];",
      ],
      ["marks between characters hide nothing", '.replace(/[^\\p{L}\\p{N}]+/gu, "")', ""],
    ],
  ),
  ...changes("manifests/plan.ts", "manifests/plan.test.ts", [
    [
      "a planned call's arguments fit",
      "patterns.every(([name, pattern]) => fits(args[name], pattern))",
      "true",
    ],
    ["each part of a list fits", "value.every((item) => fits(item, pattern))", "true"],
    ["a star's parts come one behind the other", "inner.indexOf(part, at)", "inner.indexOf(part)"],
    ["a pattern has an end", "!text.endsWith(last)", "false"],
    [
      "what a plan leaves open is wider",
      "own !== undefined && atomsOf(own)",
      "own === undefined || atomsOf(own)",
    ],
  ]),
  ...changes("gateway/stages/plan.ts", "tests/security/plan.test.ts", [
    ["what was declared holds", 'throw new Refusal("PLAN_EXCEEDED")', ""],
    [
      "fetching is an effect",
      'effects.every((effect) => effect === "read")',
      'effects.includes("read")',
    ],
  ]),
  ...changes("gateway/sessions/open-session.ts", "tests/security/plan.test.ts", [
    ["a child's plan is within its parent's", "!planWithin(plan, parent.plan)", "false"],
    ["a child inherits the plan", ", plan = parent.plan", ", plan"],
    ["a plan names tools that there are", "!tools.has(tool)", 'tool === ""'],
  ]),
  ...changes("gateway/stages/trace.ts", "tests/security/provenance-adaptive.test.ts", [
    ["leaks are findings", "[...state.findings, ...leaks]", "[...state.findings]"],
  ]),
  ...changes("policies/external.cedar", "policies/cases.test.ts", [
    ["a secret that leaves asks", 'context.findings.contains("leak:secret")', "false"],
  ]),
  ...changes("gateway/sessions/provenance/phrases.ts", `${index}.test.ts`, [
    ["words are next to each other", "this.#words[start + index] === id", "true"],
    ["a look-up ends", 'if (tries === provenanceLimits.phraseTries) return "unclear";', ""],
  ]),
  ...changes("gateway/sessions/provenance/typed-values.ts", `${index}.test.ts`, [
    ["accounts are known without their groups", 'yield { type: "account", value };', "continue;"],
    ["numbers have marks", 'yield { type: "number", value: normalNumber(number) };', ""],
  ]),
  ...changes(`${fields}.ts`, `${fields}.test.ts`, [
    [
      "of two paths as deep the weaker counts",
      "named.reduce(weaker)",
      "(named.at(0) ?? place.integrity)",
    ],
    [
      "keys are of their object",
      'integrity: place.integrity, name: ""',
      'integrity: "trusted", name: ""',
    ],
  ]),
  ...changes("manifests/manifest-rules.ts", "manifests/manifest.test.ts", [
    [
      "a label names a field that there can be",
      "else if (!hasField(output.schema, steps)) {",
      "else if (steps.length < 0) {",
    ],
    ["a label's path is one", "if (!steps) complain", "if (steps === null) complain"],
  ]),
  ...changes("gateway/stages/inspect.ts", "tests/security/provenance-fields.test.ts", [
    ["weaker arguments weaken all parts", '|| makings.integrity === "untrusted"', ""],
  ]),
  ...changes("gateway/stages/settle.ts", "tests/security/provenance-fields.test.ts", [
    [
      "made-up content makes no part a source",
      "isEndorsed ? fieldsOf(state) : undefined",
      "fieldsOf(state)",
    ],
  ]),
  ...changes("policies/untrusted.cedar", "policies/cases.test.ts", [
    [
      "an amount of a stranger asks",
      '(context.roles has amount && context.roles.amount.weakest == "untrusted") ||',
      "",
    ],
    [
      "words of a stranger ask",
      'context.roles has content && context.roles.content.weakest == "untrusted"',
      "false",
    ],
    ["an effect nobody asked for asks", "context has asked && !context.asked", "false"],
  ]),
  ...changes("policies/workspace.cedar", "policies/cases.test.ts", [
    ["a model's choice asks", 'context.roles.identifier.weakest != "task"', "false"],
  ]),
  ...changes(
    "gateway/tools/import/listed-tool.ts",
    "gateway/tools/import/import-manifests.test.ts",
    [["no suite leads out of the folder", "/^[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*$/", "/./"]],
  ),
  ...changes(
    "gateway/tools/import/import-manifests.ts",
    "gateway/tools/import/import-manifests.test.ts",
    [["what is there stays", '{ flag: "wx" }', '{ flag: "w" }']],
  ),
];

function changes(file: string, test: string, all: readonly Change[]): readonly Mutation[] {
  return all.map(([takesOut, from, to]) => ({ takesOut, file, from, to, test }));
}
