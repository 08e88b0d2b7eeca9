import { Argument, type Command } from "commander";
import { type Freeze, type FreezeKind, freezeKinds } from "../../store/store.ts";
import { escapeText } from "../escape.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { mayBeTool } from "../may-be-tool.ts";
import { localActor, withStore } from "../open.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { timeText } from "../time-text.ts";

export function addFreeze(program: Command, terminal: Terminal): void {
  program
    .command("freeze")
    .description("Stop every new call of a session, principal or tool.")
    .addArgument(new Argument("<kind>").choices(freezeKinds))
    .argument("<id>", "the session's id, the principal's or the tool's name")
    .requiredOption("--reason <text>", "why, for the record")
    .addHelpText("after", examples)
    .action((kind: FreezeKind, id: string, { reason }: { readonly reason: string }) =>
      withStore(program, terminal, async (store, config) => {
        await store.freezes.freeze({ kind, id }, reason, localActor(terminal));
        terminal.print(`frozen ${kind} ${escapeText(id)}`);
        if (kind === "tool" && !(await mayBeTool(id, config))) {
          terminal.note("No tool of this deployment has that name; it is frozen all the same.");
        }
      }),
    );
  program
    .command("thaw")
    .description("Let what was frozen call again.")
    .addArgument(new Argument("<kind>").choices(freezeKinds))
    .argument("<id>")
    .addHelpText("after", "\nExamples:\n  ringward thaw tool http.fetch")
    .action((kind: FreezeKind, id: string) => thaw(program, terminal, { kind, id }));
  program
    .command("freezes")
    .description("List what is frozen.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  ringward freezes --json")
    .action(({ json }: { readonly json?: true }) => listFreezes(program, terminal, json));
}

const examples = `
Calls that run already go on; a running gateway stops them too: POST /v1/freeze.

Examples:
  ringward freeze tool http.fetch --reason "looking into it"
  ringward freeze principal support-bot --reason "stolen token"`;

async function thaw(program: Command, terminal: Terminal, what: Freeze): Promise<void> {
  await withStore(program, terminal, async (store) => {
    if (!(await store.freezes.thaw(what, localActor(terminal)))) {
      throw new CommandError(exitCodes.found, "that is not frozen (see `ringward freezes`)");
    }
    terminal.print(`thawed ${what.kind} ${escapeText(what.id)}`);
  });
}

async function listFreezes(program: Command, terminal: Terminal, json?: true): Promise<void> {
  await withStore(program, terminal, async (store) => {
    const freezes = await store.freezes.list();
    if (json) return terminal.printJson(freezes);
    if (freezes.length === 0) return terminal.note("Nothing is frozen.");
    const rows = freezes.map(({ kind, id, at, reason }) => [kind, id, timeText(at), reason]);
    terminal.print(table(["KIND", "ID", "SINCE", "REASON"], rows));
  });
}
