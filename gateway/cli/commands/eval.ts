import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Judged, Measured, Worst } from "../../../guardrails/measure/measure-detector.ts";
import { intervalOf, type Metrics } from "../../../guardrails/measure/metrics.ts";
import { measureLimits } from "../../../manifests/measure-limits.ts";
import { signatureLimits } from "../../../manifests/signature-limits.ts";
import { escapeText } from "../escape.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface DetectOptions {
  readonly data: string;
  readonly threshold?: string;
  readonly plot?: string;
  readonly json?: true;
}

export function addEval(program: Command, terminal: Terminal): void {
  const evaluate = program
    .command("eval")
    .description("Measure the guards on texts of your own.")
    .addHelpText("after", examples);
  evaluate
    .command("detect")
    .description("How many hostile texts the guards find, and how many others they take for such.")
    .requiredOption(
      "--data <file>",
      "JSON lines: id, text, label (injection, benign), kind, source",
    )
    .option("--threshold <score>", `from 0 to 1 (default: ${signatureLimits.hostileScore})`)
    .option("--plot <file>", "also draw recall over false alarms, as SVG")
    .option("--json", "print JSON")
    .addHelpText("after", examples)
    .action((options: DetectOptions) => detect(terminal, options));
}

const examples = `
Examples:
  ringward eval detect --data texts.jsonl
  ringward eval detect --data texts.jsonl --threshold 0.9 --plot curve.svg`;

async function detect(terminal: Terminal, { data, threshold: said, plot, json }: DetectOptions) {
  const threshold = thresholdOf(said);
  const file = resolve(terminal.cwd, data);
  if (!existsSync(file)) {
    throw new CommandError(exitCodes.configuration, `${file}: no such file (name one with --data)`);
  }
  const measuring = await import("../../../guardrails/measure/measure-detector.ts");
  const { readLabelledTexts } = await import("../../../guardrails/measure/labelled-texts.ts");
  const { judged, MBps } = await measuring.judgeTexts(await readLabelledTexts(file), (done) => {
    if (done % 5_000 === 0) terminal.note(`${done} texts`);
  });
  const measured = measuring.measure(judged, threshold, MBps);
  if (plot !== undefined) {
    const { plotOf } = await import("../../../guardrails/measure/plot.ts");
    await writeFile(resolve(terminal.cwd, plot), plotOf(judged));
  }
  if (json) terminal.printJson(measured);
  else terminal.print(...describe(measured, measuring.worst(judged, threshold), threshold));
}

function thresholdOf(said: string | undefined): number {
  const threshold = said === undefined ? signatureLimits.hostileScore : Number(said);
  if (said?.trim() !== "" && threshold >= 0 && threshold <= 1) return threshold;
  const message = `--threshold ${escapeText(String(said))}: no score (write one from 0 to 1)`;
  throw new CommandError(exitCodes.usage, message);
}

const headings = ["", "texts", "recall", "false alarms", "at 1 %", "at 0.1 %", "AUROC"];

function describe(
  { total, bySource, byKind, MBps }: Measured,
  { misses, alarms }: Worst,
  threshold: number,
): readonly string[] {
  const rows = (groups: Readonly<Record<string, Metrics>>): readonly (readonly string[])[] =>
    Object.entries(groups).map(([name, metrics]) => rowOf(name, metrics));
  return [
    `${total.n} texts, threshold ${threshold}, ${MBps.toFixed(1)} MB/s`,
    "",
    table(headings, [rowOf("all", total), ...rows(bySource)]),
    "",
    table(["kind", ...headings.slice(1)], rows(byKind)),
    ...told("Worst misses", misses),
    ...told("Worst false alarms", alarms),
  ];
}

function rowOf(name: string, metrics: Metrics): readonly string[] {
  const { n, recall, fpr, recallAt1pctFpr, recallAt01pctFpr, auroc } = metrics;
  const share = (value: number | undefined): string => value?.toFixed(2) ?? "-";
  const within = (value: number | undefined, of: number): string => {
    if (value === undefined) return "-";
    const [low, high] = intervalOf(value, of);
    return `${value.toFixed(3)} (${low.toFixed(2)}-${high.toFixed(2)})`;
  };
  return [
    ...[name, String(n), within(recall, metrics.hostile), within(fpr, n - metrics.hostile)],
    ...[recallAt1pctFpr, recallAt01pctFpr, auroc].map(share),
  ];
}

function told(title: string, texts: readonly Judged[]): readonly string[] {
  if (texts.length === 0) return [];
  const lines = texts.map(({ id, source, score, reasons, text }) => {
    const shown = escapeText(text.slice(0, measureLimits.shownChars));
    return `  ${escapeText(id)} ${escapeText(source)} ${score.toFixed(2)} ${reasons.join(" ")}\n    ${shown}`;
  });
  return ["", `${title}:`, ...lines];
}
