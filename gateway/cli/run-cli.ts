import type { ExitCode } from "./exit-codes.ts";
import { explainFailure } from "./failure.ts";
import type { Invocation } from "./invocation.ts";
import { createProgram } from "./program.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

/** Runs one command line to its end. Never throws: what goes wrong is one line and an exit code. */
export async function runCli(invocation: Invocation): Promise<ExitCode> {
  const terminal = createTerminal(invocation);
  try {
    await createProgram(terminal).parseAsync(invocation.argv, { from: "user" });
  } catch (error) {
    report(error, terminal);
  }
  return terminal.code;
}

function report(error: unknown, terminal: Terminal): void {
  const { line, code } = explainFailure(error);
  if (line !== "") terminal.note(`ringward: ${line}`);
  if (terminal.argv.includes("--debug") && error instanceof Error && line !== "") {
    terminal.note(error.stack ?? error.message);
  }
  terminal.leave(code);
}
