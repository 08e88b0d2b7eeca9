import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import type { Terminal } from "../terminal.ts";

export function addDemo(program: Command, terminal: Terminal): void {
  program
    .command("demo")
    .description("Watch a gateway contain an agent that falls for every trick.")
    .option("--json", "print one line of JSON")
    .addHelpText("after", "\nExamples:\n  ringward demo\n  ringward demo --json")
    .action(async ({ json }: { readonly json?: true }) => {
      const code = await runDemo(json ? ["--json"] : [], terminal);
      if (code !== 0) terminal.leave(exitCodes.found);
    });
}

/** A process of its own: the demo is a host and an agent, and sees the gateway from outside. */
async function runDemo(args: readonly string[], terminal: Terminal): Promise<number> {
  const script = demoScript();
  if (script === undefined) {
    throw new CommandError(
      exitCodes.unavailable,
      "this package has no demo (use a clone of the source)",
    );
  }
  const demo = spawn(terminal.node, [script, ...args], { stdio: "inherit", cwd: terminal.cwd });
  void terminal.stopped().then(() => demo.kill("SIGTERM"));
  const [code] = (await once(demo, "exit")) as [number | null];
  return code ?? 1;
}

/** Beside `gateway/`, as source or as it was built. */
function demoScript(): string | undefined {
  const folder = join(import.meta.dirname, "..", "..", "..", "demo");
  return ["main.ts", "main.js"].map((name) => join(folder, name)).find(existsSync);
}
