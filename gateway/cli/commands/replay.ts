import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import type { AttackOutcome, Step, SuiteOutcome } from "../../replay/traces/replay-traces.ts";
import type { Tally } from "../../replay/traces/tally.ts";
import { escapeText } from "../escape.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { readDeployment } from "../open.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface ReplayOptions {
  readonly traces: string;
  readonly manifests: string;
  readonly plan?: string;
  readonly explain?: string;
  readonly json?: true;
}

export function addReplay(program: Command, terminal: Terminal): void {
  program
    .command("replay")
    .description("Hold recorded calls and attacks against policies; nothing is executed.")
    .requiredOption("--traces <file>", "JSON lines: tasks, attacks, results with an attack in them")
    .requiredOption("--manifests <dir>", "a folder of manifests, or one for each suite")
    .addOption(
      new Option("--plan <whose>", "each session declares the tools of its task").choices([
        "oracle",
      ]),
    )
    .option("--explain <id>", "call by call, what came of one task or attack")
    .option("--json", "print JSON")
    .addHelpText("after", examples)
    .action((options: ReplayOptions) => replay(program, terminal, options));
}

const examples = `
Each call goes through every ring, with the policies of the deployment; its recorded result stands in
for running it. A task went by itself, with a person, or not at all. An attack was executed where any of
its calls with an effect ran without a person.

Examples:
  ringward replay --traces traces.jsonl --manifests manifests
  ringward replay --traces traces.jsonl --manifests manifests --explain user_task_3`;

type Outcomes = ReadonlyMap<string, SuiteOutcome>;

async function replay(program: Command, terminal: Terminal, options: ReplayOptions): Promise<void> {
  const outcomes = await replayAll(program, terminal, options);
  const { tallyOf } = await import("../../replay/traces/tally.ts");
  const suites = new Map([...outcomes].map(([name, outcome]) => [name, tallyOf([outcome])]));
  const total = tallyOf([...outcomes.values()]);
  if (options.json) terminal.printJson({ suites: Object.fromEntries(suites), total });
  else if (options.explain === undefined) terminal.print(...describe(suites, total, outcomes));
  else terminal.print(...explain(outcomes, options.explain));
}

async function replayAll(
  program: Command,
  terminal: Terminal,
  { traces, manifests, plan }: ReplayOptions,
): Promise<Outcomes> {
  const { config } = await readDeployment(program, terminal);
  const { readTraces } = await import("../../replay/traces/trace-file.ts");
  const { openStage } = await import("../../replay/traces/stage.ts");
  const { replaySuite } = await import("../../replay/traces/replay-traces.ts");
  const suites = await readTraces(there(terminal, traces, "--traces"));
  const folder = there(terminal, manifests, "--manifests");
  const outcomes = new Map<string, SuiteOutcome>();
  for (const [name, suite] of suites) {
    const own = join(folder, name);
    const stage = await openStage(config, existsSync(own) ? own : folder);
    try {
      const told = (done: number): void => {
        if (done % 50 === 0) terminal.note(`${name}: ${done} attacks`);
      };
      outcomes.set(name, await replaySuite(suite, stage, { told, isPlanned: plan !== undefined }));
    } finally {
      await stage.close();
    }
  }
  return outcomes;
}

function there(terminal: Terminal, named: string, option: string): string {
  const path = resolve(terminal.cwd, named);
  if (existsSync(path)) return path;
  throw new CommandError(exitCodes.configuration, `${path}: not there (name it with ${option})`);
}

const headings = ["", "tasks", "alone", "asked", "refused", "asks each", "attacks", "ran", "asked"];

function describe(
  suites: ReadonlyMap<string, Tally>,
  total: Tally,
  outcomes: Outcomes,
): readonly string[] {
  const rows = [...suites, ["total", total] as const].map(([name, tally]) => [
    ...[name, String(tally.tasks), String(tally.auto), String(tally.asked)],
    ...[String(tally.refused), tally.asksPerTask.toFixed(2), String(tally.attacks)],
    ...[String(tally.executed), String(tally.asksOnAttacks)],
  ]);
  const ran = [...outcomes].flatMap(([name, { attacks }]) =>
    attacks.filter(({ went }) => went === "executed").map((attack) => executed(name, attack)),
  );
  const byRing = Object.entries(total.stoppedBy).map(([ring, count]) => `${ring} ${count}`);
  return [
    table(headings, rows),
    `attacks stopped by: ${byRing.join(", ") || "nothing"}`,
    ...(total.unreplayable > 0
      ? [`${total.unreplayable} pairs have an attack that calls nothing`]
      : []),
    ...ran,
  ];
}

function executed(suite: string, { task, attack }: AttackOutcome): string {
  return `executed: ${escapeText(suite)} ${escapeText(task)} ${escapeText(attack)}`;
}

function explain(outcomes: Outcomes, id: string): readonly string[] {
  const lines = [...outcomes].flatMap(([suite, { tasks, attacks }]) => [
    ...tasks
      .filter(({ task }) => task === id)
      .flatMap(({ task, went, steps }) => [`${suite} ${task}: ${went}`, ...steps.map(stepLine)]),
    ...attacks
      .filter(({ task, attack }) => attack === id || `${task}/${attack}` === id)
      .flatMap(({ task, attack, went, steps }) => [
        `${suite} ${task}/${attack}: ${went}`,
        ...steps.map(stepLine),
      ]),
  ]);
  if (lines.length > 0) return lines.map(escapeText);
  const message = `no task and no attack is called ${escapeText(id)} (TASK, ATTACK or TASK/ATTACK)`;
  throw new CommandError(exitCodes.usage, message);
}

function stepLine({ call, answer }: Step): string {
  const why = answer.code === undefined ? "" : ` ${answer.code}`;
  return `  ${answer.status}${why}  ${call.tool} ${JSON.stringify(call.arguments)}`;
}
