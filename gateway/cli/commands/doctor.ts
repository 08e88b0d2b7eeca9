import type { Command } from "commander";
import type { Check, Patient } from "../doctor/check.ts";
import { escapeText } from "../escape.ts";
import { exitCodes } from "../exit-codes.ts";
import { readDeployment } from "../open.ts";
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
      const checks = await examine({ deployment, config: deployment.config, terminal });
      const isWell = checks.every(({ state }) => state !== "fail");
      if (json) terminal.printJson({ ok: isWell, checks });
      else terminal.print(...checks.flatMap((check) => show(check, terminal)));
      if (!isWell) terminal.leave(exitCodes.found);
    });
}

async function examine(patient: Patient): Promise<readonly Check[]> {
  const { checkFiles } = await import("../doctor/files.ts");
  const { checkListeners } = await import("../doctor/listeners.ts");
  const { checkMachine } = await import("../doctor/machine.ts");
  const { checkParts } = await import("../doctor/parts.ts");
  const { checkUsers } = await import("../doctor/people.ts");
  return [
    ...(await checkMachine(patient)),
    ...checkUsers(patient),
    ...(await checkFiles(patient)),
    ...checkListeners(patient),
    ...(await checkParts(patient)),
  ];
}

function show({ name, state, found, mend }: Check, terminal: Terminal): readonly string[] {
  const line = terminal.mark(state, `${name}: ${escapeText(found)}`);
  return mend === undefined ? [line] : [line, terminal.mark(undefined, escapeText(mend))];
}
