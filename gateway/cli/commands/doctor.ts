import type { Command } from "commander";
import { oneLine } from "../describe-standing.ts";
import type { Check, Patient } from "../doctor/check.ts";
import type { Parts } from "../doctor/parts.ts";
import type { TierReport } from "../doctor/tiers.ts";
import { escapeText } from "../escape.ts";
import { exitCodes } from "../exit-codes.ts";
import { readDeployment } from "../open.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

export function addDoctor(program: Command, terminal: Terminal): void {
  program
    .command("doctor")
    .description("Measure whether this machine and deployment keep what Ringward promises.")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExits with 1 where a check fails.\n\nExamples:\n  ringward doctor\n  ringward doctor --json",
    )
    .action(async ({ json }: { readonly json?: true }) => {
      const deployment = await readDeployment(program, terminal);
      const { config } = deployment;
      if (terminal.isTerminal)
        terminal.note("Measuring each wall; containers take up to a minute.");
      const { checks, tiers } = await examine({ deployment, config, terminal });
      const isWell = checks.every(({ state }) => state !== "fail");
      if (json) terminal.printJson({ ok: isWell, mode: config.mode, tiers, checks });
      else terminal.print(...checks.flatMap((check) => show(check, terminal)), ...tiers.map(walls));
      if (!isWell) terminal.leave(exitCodes.found);
    });
}

async function examine(patient: Patient): Promise<Parts> {
  const { checkFiles } = await import("../doctor/files.ts");
  const { checkListeners } = await import("../doctor/listeners.ts");
  const { checkMachine } = await import("../doctor/machine.ts");
  const { checkParts } = await import("../doctor/parts.ts");
  const { checkSecrets } = await import("../doctor/secrets.ts");
  const { checkUsers } = await import("../doctor/people.ts");
  const before = [
    ...(await checkMachine(patient)),
    ...checkUsers(patient),
    ...(await checkFiles(patient)),
    ...checkSecrets(patient),
    ...checkListeners(patient),
  ];
  const { checks, tiers } = await checkParts(patient);
  return { checks: [...before, ...checks], tiers };
}

function show({ name, state, found, mend }: Check, terminal: Terminal): readonly string[] {
  const line = terminal.mark(state, `${name}: ${escapeText(found)}`);
  return mend === undefined ? [line] : [line, terminal.mark(undefined, escapeText(mend))];
}

/** Each wall of a tier, whether the tier could do without it, and what was measured. */
function walls({ tier, walls: all }: TierReport): string {
  const rows = all.map(({ name, floor, holds, measured }) => {
    return [holds ? "holds" : "MISSING", floor ? "floor" : "above", name, oneLine(measured)];
  });
  return `\n${table([tier, "level", "wall", "measured"], rows)}`;
}
