import type { Command } from "commander";
import type { Suppression } from "../../../guardrails/suppressions/suppression.ts";
import { escapeText } from "../escape.ts";
import { readDeployment } from "../open.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

export function addSuppressions(program: Command, terminal: Terminal): void {
  program
    .command("suppressions")
    .description("List the false alarms that nobody is to hear for a while, and until when.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  ringward suppressions\n  ringward suppressions --json")
    .action(({ json }: { readonly json?: true }) => listSuppressions(program, terminal, json));
}

async function listSuppressions(program: Command, terminal: Terminal, json?: true): Promise<void> {
  const { readSuppressor } = await import("../../config/read-suppressions.ts");
  const { endOf } = await import("../../../guardrails/suppressions/end-of.ts");
  const { config } = await readDeployment(program, terminal);
  const now = Date.now();
  const { all } = await readSuppressor(config, { now });
  const told = all.map((one) => ({ ...one, state: now < endOf(one) ? "lasts" : "ended" }));
  if (json) return terminal.printJson(told);
  if (told.length === 0) return terminal.note("Nothing is suppressed.");
  terminal.print(table(["SUPPRESSION", "FINDING", "WHERE", "UNTIL", "STATE"], told.map(rowOf)));
  terminal.print(...told.map(({ id, reason }) => `${escapeText(id)}: ${escapeText(reason)}`));
}

function rowOf(one: Suppression & { readonly state: string }): readonly string[] {
  const where = `${one.tool} ${one.in} ${one.field === "" ? "whole" : one.field}`;
  return [one.id, one.kind, where, one.until, one.state];
}
