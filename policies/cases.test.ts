import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "tap";
import { type Manifest, parseManifest } from "../manifests/manifest.ts";
import { SourceError } from "../manifests/source-error.ts";
import { parseYamlSource } from "../manifests/yaml-source.ts";
import { compilePolicies, readPolicies } from "./engine.ts";
import { parseCases, readCases, runCases } from "./run-cases.ts";

const toolsFolder = join(import.meta.dirname, "../manifests/tools");
const casesFolder = join(import.meta.dirname, "cases");

async function shippedTools(): Promise<readonly Manifest[]> {
  const names = await readdir(toolsFolder, { recursive: true });
  const files = names
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => join(toolsFolder, name));
  return await Promise.all(
    files.map(async (file) =>
      parseYamlSource({ file, text: await readFile(file, "utf8") }, parseManifest),
    ),
  );
}

test("every shipped case comes out as it says, with the shipped policies and tools", async (t) => {
  const engine = compilePolicies(await readPolicies(), await shippedTools());
  const cases = await readCases(casesFolder);
  t.ok(cases.length > 20, `there are ${cases.length} cases`);
  for (const result of runCases(engine, cases)) {
    t.equal(result.problem, undefined, result.case.description);
  }
  t.same(engine.warnings, [], "no shipped policy is impossible");
});

test("every shipped policy decides at least one shipped case", async (t) => {
  const engine = compilePolicies(await readPolicies(), await shippedTools());
  const results = runCases(engine, await readCases(casesFolder));
  const decided = new Set(results.flatMap(({ got }) => got.rules));
  const sources = await readPolicies();
  const ids = sources.flatMap(({ text }) =>
    [...text.matchAll(/@id\("(.+)"\)/g)].map(([, id]) => id),
  );
  t.ok(ids.length > 0);
  t.same(
    ids.filter((id) => !decided.has(id ?? "")),
    [],
  );
});

test("a case that comes out otherwise is told in words", async (t) => {
  const engine = compilePolicies(await readPolicies(), await shippedTools());
  const text = `
- { description: wrong verdict, tool: files.read, arguments: { path: a }, want: deny }
- { description: wrong rules, tool: files.read, arguments: { path: a }, want: allow, rules: [other] }
- { description: wrong code, tool: nothing, want: deny, code: POLICY_ERROR }
- { description: no such tier, tool: files.read, arguments: { path: a }, want: allow, tier: gvisor }
- { description: no tier, tool: files.read, arguments: { path: a }, want: allow, tier: any }
- { description: no such action, tool: files.read, arguments: { path: a }, want: allow, output: { injection: block } }
- { description: no action, tool: files.read, arguments: { path: a }, want: allow, output: {} }
`;
  const results = runCases(engine, parseCases({ file: "x.yaml", text }));
  t.same(
    results.map(({ problem }) => problem),
    [
      "wants deny, is allow (reads-inside)",
      "wants the rules other, were reads-inside",
      "wants POLICY_ERROR, is POLICY_DENIED",
      "wants the tier gvisor, is any",
      undefined,
      'wants the output {"injection":"block"}, is {}',
      undefined,
    ],
  );
});

test("refuses: a case file with a misspelt key, or without cases, by place", async (t) => {
  const misspelt = "- description: x\n  tool: y\n  wants: allow\n  want: allow\n";
  t.throws(() => parseCases({ file: "x.yaml", text: misspelt }), {
    name: "SourceError",
    message: /^x\.yaml:3:3: .*wants/,
  });
  t.throws(() => parseCases({ file: "x.yaml", text: "[]" }), SourceError);
});
