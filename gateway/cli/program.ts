import { Command, type OutputConfiguration } from "commander";
import { addApprovals } from "./commands/approvals.ts";
import { addAudit } from "./commands/audit.ts";
import { addCall } from "./commands/call.ts";
import { addDemo } from "./commands/demo.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEval } from "./commands/eval.ts";
import { addFreeze } from "./commands/freeze.ts";
import { addImages } from "./commands/images.ts";
import { addInit } from "./commands/init.ts";
import { addKeys } from "./commands/keys.ts";
import { addLauncher } from "./commands/launcher.ts";
import { addManifest } from "./commands/manifest.ts";
import { addPolicy } from "./commands/policy.ts";
import { addQuarantine } from "./commands/quarantine.ts";
import { addReplay } from "./commands/replay.ts";
import { addReplayCall } from "./commands/replay-call.ts";
import { addSecrets } from "./commands/secrets.ts";
import { addStart } from "./commands/start.ts";
import { addSuppressions } from "./commands/suppressions.ts";
import type { Terminal } from "./terminal.ts";
import { version } from "./version.ts";

/**
 * The command line. The commands' files load what they need when they run, so that `--help` costs
 * neither the sandbox nor the policy engine.
 */
export function createProgram(terminal: Terminal): Command {
  const program = new Command("ringward")
    .description("A security gateway for the tool calls of AI agents.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this")
    .helpCommand("help [command]", "print the help of a command")
    .option("--config <file>", "the deployment file (default: ./ringward.yaml, else built-in)")
    .option("--debug", "print a stack with an error")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput(outputTo(terminal))
    .exitOverride();
  for (const add of commands) add(program, terminal);
  pointToHelp(program, "ringward");
  program.addHelpText("after", "\nA command's own help ends in examples: ringward call --help");
  return program;
}

/** In the order in which a person meets them. */
const commands = [
  addInit,
  addStart,
  addImages,
  addLauncher,
  addDemo,
  addCall,
  addDoctor,
  addManifest,
  addPolicy,
  addEval,
  addReplay,
  addAudit,
  addReplayCall,
  addApprovals,
  addQuarantine,
  addSuppressions,
  addKeys,
  addSecrets,
  addFreeze,
];

function outputTo({ stdout, stderr }: Terminal): OutputConfiguration {
  return {
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
    getOutHelpWidth: () => 100,
    getErrHelpWidth: () => 100,
  };
}

/** What is wrong with a command line points to the help of the command that it names. */
function pointToHelp(command: Command, name: string): void {
  command.configureOutput({ outputError: (text, write) => write(oneLine(text, name)) });
  for (const below of command.commands) pointToHelp(below, `${name} ${below.name()}`);
}

/** Commander puts its `(Did you mean …?)` on a line of its own. */
function oneLine(text: string, name: string): string {
  const message = text
    .trim()
    .replace(/^error: /, "")
    .replaceAll("\n", " ");
  const isMended = message.endsWith(")");
  return `ringward: ${message}${isMended ? "" : ` (see \`${name} --help\`)`}\n`;
}
