import type { Command } from "commander";
import { Refusal } from "../../../manifests/refusals.ts";
import type { Store } from "../../store/store.ts";
import { escapeJson, escapeText } from "../escape.ts";
import { localActor, withStore } from "../open.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { timeText } from "../time-text.ts";

interface JsonOption {
  readonly json?: true;
}

export function addQuarantine(program: Command, terminal: Terminal): void {
  const quarantine = program
    .command("quarantine")
    .description("Look at outputs that agents may pass on and not read, and release them.")
    .addHelpText("after", examples);
  quarantine
    .command("list")
    .description("List them, and those that wait for an approval.")
    .option("--json", "print JSON")
    .action(({ json }: JsonOption) => listWithheld(program, terminal, json));
  quarantine
    .command("show")
    .description("Show one in full; what strangers wrote is escaped.")
    .argument("<id>", "the reference, or the approval")
    .option("--json", "print JSON")
    .action((id: string, { json }: JsonOption) =>
      withStore(program, terminal, async (store) => {
        const found = await store.withheld.find(id);
        if (found === undefined) throw new Refusal("NOT_FOUND", "there is no such output");
        if (json) terminal.printJson(found);
        else terminal.print(...describe(found, terminal));
      }),
    );
  quarantine
    .command("release")
    .description("Let the agent read it, marked as data.")
    .argument("<reference>")
    .option("--json", "print JSON")
    .action((id: string, { json }: JsonOption) =>
      withStore(program, terminal, async (store) => {
        const actor = localActor(terminal);
        const released = await store.withheld.release(id, { actor, principal: actor });
        if (json) terminal.printJson(released);
        else terminal.print(`released by ${actor}: ${escapeText(released.tool)}  ${released.id}`);
      }),
    );
}

const examples = `
What waits for an approval is released by \`ringward approvals approve\`.

Examples:
  ringward quarantine list
  ringward quarantine show reference_019e…
  ringward quarantine release reference_019e…`;

async function listWithheld(program: Command, terminal: Terminal, json?: true): Promise<void> {
  await withStore(program, terminal, async (store) => {
    const all = await store.withheld.list();
    if (json) return terminal.printJson(all);
    if (all.length === 0) return terminal.note("Nothing is in quarantine.");
    const rows = all.map(({ id, tool, because, status, expiresAt }) => [
      id,
      tool,
      because.join(" "),
      status,
      timeText(expiresAt),
    ]);
    terminal.print(table(["OUTPUT", "TOOL", "FOUND", "STATUS", "EXPIRES"], rows));
  });
}

type Found = NonNullable<Awaited<ReturnType<Store["withheld"]["find"]>>>;

function describe(found: Found, terminal: Terminal): readonly string[] {
  const { id, status, answeredBy, because, heldAt, expiresAt, session, call, tool, output } = found;
  const facts = [
    ["status", answeredBy ? `${status} by ${answeredBy}` : status],
    ["tool", tool],
    ["found", because.join(", ")],
    ["held", timeText(heldAt)],
    ["expires", timeText(expiresAt)],
    ["session", session],
    ["call", call],
  ].map(([name = "", value = ""]) => `${name.padEnd(10)}${escapeText(value)}`);
  const text = output === undefined ? "erased" : escapeJson(JSON.parse(output));
  return [terminal.paint("bold", id), ...facts, "", text];
}
