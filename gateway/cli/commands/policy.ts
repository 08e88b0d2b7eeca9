import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import type { PolicyEngine } from "../../../policies/engine.ts";
import type { CaseResult } from "../../../policies/run-cases.ts";
import { escapeText } from "../escape.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { type Deployment, readDeployment } from "../open.ts";
import { packageRoot } from "../package-root.ts";
import type { Terminal } from "../terminal.ts";

export function addPolicy(program: Command, terminal: Terminal): void {
  const policy = program
    .command("policy")
    .description("Check policies, and test what they decide.")
    .addHelpText("after", examples);
  policy
    .command("check")
    .description("Check policies against the tools of the deployment.")
    .argument("[dir]", "a folder of *.cedar (default: those of the deployment)")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  ringward policy check policies")
    .action((dir: string | undefined, { json }: JsonOption) =>
      checkPolicies(program, terminal, { dir, json }),
    );
  policy
    .command("test")
    .description("Run policy cases; prints each that comes out otherwise.")
    .argument(
      "[dir]",
      "a folder of cases (default: `cases` beside ringward.yaml, else the shipped)",
    )
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  ringward policy test cases")
    .action((dir: string | undefined, { json }: JsonOption) =>
      testPolicies(program, terminal, { dir, json }),
    );
}

const examples = `
Examples:
  ringward policy check
  ringward policy test cases`;

interface JsonOption {
  readonly json?: true;
}

interface Asked {
  readonly dir: string | undefined;
  readonly json: true | undefined;
}

async function checkPolicies(
  program: Command,
  terminal: Terminal,
  { dir, json }: Asked,
): Promise<void> {
  const { config } = await readDeployment(program, terminal);
  const folders = dir === undefined ? config.policies : [resolve(terminal.cwd, dir)];
  const { warnings } = await compile({ ...config, ...(folders && { policies: folders }) });
  if (json) return terminal.printJson({ warnings });
  terminal.print(
    ...warnings.map((warning) => terminal.mark("warn", escapeText(warning))),
    terminal.mark("ok", folders?.join(", ") ?? "the shipped policies"),
  );
}

async function compile({
  manifests,
  tools,
  policies,
}: Pick<Deployment["config"], "manifests" | "tools" | "policies">): Promise<PolicyEngine> {
  const { compilePolicies, readPolicies } = await import("../../../policies/engine.ts");
  const { readManifests } = await import("../../tools/load-tools.ts");
  const read = await readManifests({ folders: manifests, ...(tools && { shipped: tools }) });
  return compilePolicies(
    await readPolicies(policies),
    read.map(({ manifest }) => manifest),
  );
}

async function testPolicies(
  program: Command,
  terminal: Terminal,
  { dir, json }: Asked,
): Promise<void> {
  const deployment = await readDeployment(program, terminal);
  const folder = dir === undefined ? casesFolder(deployment) : resolve(terminal.cwd, dir);
  const { readCases, runCases } = await import("../../../policies/run-cases.ts");
  const cases = await readCases(folder);
  if (cases.length === 0) {
    throw new CommandError(
      exitCodes.configuration,
      `${folder}: no case there (write one: docs/cli.md shows its form)`,
    );
  }
  const results = runCases(await compile(deployment.config), cases);
  const failed = results.filter(({ problem }) => problem !== undefined);
  if (json) terminal.printJson(summary(results));
  else terminal.print(...describeFailures(failed, results.length, terminal));
  if (failed.length > 0) terminal.leave(exitCodes.found);
}

/** Cases stand beside the policies that they test. */
function casesFolder({ config, file }: Deployment): string {
  const own = file === undefined ? undefined : join(dirname(file), "cases");
  if (own !== undefined && (existsSync(own) || config.policies !== undefined)) return own;
  return join(packageRoot(), "policies", "cases");
}

function summary(results: readonly CaseResult[]): object {
  return {
    passed: results.filter(({ problem }) => problem === undefined).length,
    failed: results
      .filter(({ problem }) => problem !== undefined)
      .map(({ case: { file, description, want }, got, problem }) => ({
        file,
        description,
        want,
        got,
        problem,
      })),
  };
}

function describeFailures(
  failed: readonly CaseResult[],
  count: number,
  terminal: Terminal,
): readonly string[] {
  const lines = failed.flatMap(({ case: one, problem }) => [
    terminal.mark("fail", `${escapeText(one.file)}: ${escapeText(one.description)}`),
    terminal.mark(undefined, escapeText(problem ?? "")),
  ]);
  const mark = failed.length === 0 ? "ok" : "fail";
  return [
    ...lines,
    terminal.mark(mark, `${count - failed.length} of ${count} cases as they should be`),
  ];
}
