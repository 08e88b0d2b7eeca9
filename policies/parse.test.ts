import { test } from "tap";
import { limits } from "../manifests/limits.ts";
import { compilePolicies } from "./engine.ts";
import { sampleTool } from "./testing.ts";

const good = '@id("good") @reason("r")\npermit (principal, action, resource);\n';
const tools = [sampleTool("get", { path: { type: "string" } })];

function complaint(text: string): string {
  try {
    compilePolicies([{ file: "p.cedar", text }], tools);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

test("refuses what is wrong in a policy file, with its place and how to mend it", async (t) => {
  const scope = "permit (principal, action, resource)";
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ["syntax", `${good}permit (principal action, resource);`, /^p\.cedar:3:19: .*\(.+\)$/],
    ["syntax after wide characters", `// é😀\n /* permit`, /^p\.cedar:2:2: /],
    ["no id", `${good}\n@reason("r") ${scope};`, /^p\.cedar:4:1: .*`@id`.*\(add /],
    ["no reason", `@id("x") ${scope};`, /^p\.cedar:1:1: .*`@reason`/],
    ["an id in capitals", `@id("X") @reason("r") ${scope};`, /`@id` says `X`/],
    ["an empty reason", `@id("x") @reason(" ") ${scope};`, /`@reason` says/],
    ["a number that OWASP has not", `@id("x") @reason("r") @owasp("ASI11") ${scope};`, /ASI01/],
    ["an unknown annotation", `@id("x") @reason("r") @asks("?") ${scope};`, /`@asks`.*use one of/],
    ["an inherited name", `@id("x") @reason("r") @toString("?") ${scope};`, /`@toString`/],
    ["a question on a permit", `@id("x") @reason("r") @ask("?") ${scope};`, /`@ask` on a permit/],
    [
      "a tier on a permit",
      `@id("x") @reason("r") @tier("gvisor") ${scope};`,
      /`@tier` on a permit/,
    ],
    [
      "a tier that is none",
      `${good}@id("x") @reason("r") @tier("runsc")\nforbid (principal, action, resource);`,
      /^p\.cedar:3:1: `@tier` says `runsc` \(write one of container, gvisor, microvm\)/,
    ],
    [
      "the weakest tier, which forbids nothing",
      '@id("x") @reason("r") @tier("isolate") forbid (principal, action, resource);',
      /`@tier` says `isolate`/,
    ],
    [
      "a question and a tier at once",
      '@id("x") @reason("r") @ask("?") @tier("gvisor") forbid (principal, action, resource);',
      /`@ask` and `@tier` on one policy \(write two/,
    ],
    [
      "an action on a permit",
      `@id("x") @reason("r") @output("injection: block") ${scope};`,
      /`@output` on a permit/,
    ],
    [
      "an action that is none",
      '@id("x") @reason("r") @output("injection: record") forbid (principal, action, resource);',
      /`@output` says `injection: record`/,
    ],
    [
      "a secret that is less than redacted",
      '@id("x") @reason("r") @output("secret: annotate") forbid (principal, action, resource);',
      /`@output` says `secret: annotate`/,
    ],
    ["two of one id", good + good, /^p\.cedar:3:1: .*stands at p\.cedar:1 too/],
    ["a template", `@id("x") permit (principal == ?principal, action, resource);`, /template/],
    [
      "an unknown tool",
      `${good}@id("x") @reason("r")\npermit (principal, action == Action::"gte", resource);`,
      /^p\.cedar:4:30: .*Action::"gte".*\(did you mean/,
    ],
    [
      "an unknown argument",
      `@id("x") @reason("r") ${scope} when { context.args.pth == "x" };`,
      /^p\.cedar:1:\d+: .*args\.pth/,
    ],
    [
      "an optional argument without `has`",
      `@id("x") @reason("r") ${scope} when { context.args.path == "x" };`,
      /^p\.cedar:1:\d+: .*path/,
    ],
    [
      "a wrong type",
      `@id("x") @reason("r") ${scope} when { context.findings == "x" };`,
      /^p\.cedar:1:\d+: .*not compatible/,
    ],
  ];
  t.equal(complaint(good), "");
  for (const [name, text, pattern] of wrong) t.match(complaint(text), pattern, name);
});

test("refuses: a set without a policy, so that no gateway starts with an empty one", async (t) => {
  t.throws(() => compilePolicies([], tools), { name: "SourceError", message: /no policy at all/ });
  t.match(complaint("// nothing yet\n"), /^p\.cedar:1:1: no policy at all/);
});

test("refuses more bytes of policy than a deployment may have, and takes just as many", async (t) => {
  const room = limits.policyBytes - good.length - 2;
  t.equal(complaint(`${good}//${"x".repeat(room)}`), "");
  t.match(complaint(`${good}//${"x".repeat(room + 1)}`), /too many policies/);
});

test("finds the place of the twelfth policy of a file, past comments that quote it", async (t) => {
  const many = Array.from({ length: 11 }, (_, index) => good.replace("good", `p${index}`)).join("");
  const last = '@id("p10") @reason("again") permit (principal, action, resource);';
  t.match(complaint(`${many}\n\n  ${last}`), /^p\.cedar:25:3: .*p\.cedar:21 too/);
});

test("warns of a policy that can never be satisfied", async (t) => {
  const typo =
    '@id("typo") @reason("r")\nforbid (principal, action, resource) when { context.args has pth };';
  const { warnings } = compilePolicies([{ file: "p.cedar", text: good + typo }], tools);
  t.equal(warnings.length, 1);
  t.match(warnings[0], /^p\.cedar:3:1: .*impossible/);
});
