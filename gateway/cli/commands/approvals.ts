import type { Command } from "commander";
import { Refusal } from "../../../manifests/refusals.ts";
import type { Approval } from "../../store/store.ts";
import { escapeJson, escapeText } from "../escape.ts";
import { localActor, withStore } from "../open.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { timeText } from "../time-text.ts";

interface ListOptions {
  readonly all?: true;
  readonly json?: true;
}

interface JsonOption {
  readonly json?: true;
}

export function addApprovals(program: Command, terminal: Terminal): void {
  const approvals = program
    .command("approvals")
    .description("Look at what agents ask people for, and answer it.")
    .addHelpText("after", examples);
  approvals
    .command("list")
    .description("List what waits for an answer.")
    .option("--all", "also what was answered, used or has expired")
    .option("--json", "print JSON")
    .action((options: ListOptions) => listApprovals(program, terminal, options));
  approvals
    .command("show")
    .description("Show one in full; what strangers wrote is escaped.")
    .argument("<id>")
    .option("--json", "print JSON")
    .action((id: string, { json }: JsonOption) =>
      withStore(program, terminal, async (store) => {
        const approval = await store.approvals.find(id);
        if (approval === undefined) throw new Refusal("NOT_FOUND", "there is no such approval");
        if (json) terminal.printJson(approval);
        else terminal.print(...describeApproval(approval, terminal));
      }),
    );
  addAnswer(approvals, program, { terminal, name: "approve", answer: "approved" });
  addAnswer(approvals, program, { terminal, name: "deny", answer: "denied" });
}

const examples = `
An approval is good once, for exactly the call that is shown, until it expires.

Examples:
  ringward approvals list
  ringward approvals show approval_019e…
  ringward approvals approve approval_019e…`;

interface Answering {
  readonly terminal: Terminal;
  readonly name: string;
  readonly answer: "approved" | "denied";
}

function addAnswer(approvals: Command, program: Command, answering: Answering): void {
  const { terminal, name, answer } = answering;
  approvals
    .command(name)
    .description(`${name === "approve" ? "Let the call pass, once" : "Refuse the call"}.`)
    .argument("<id>")
    .option("--json", "print JSON")
    .action((id: string, { json }: JsonOption) =>
      withStore(program, terminal, async (store) => {
        const actor = localActor(terminal);
        const approval = await store.approvals.answer(id, answer, { actor, principal: actor });
        if (json) terminal.printJson(approval);
        else terminal.print(`${answer} by ${actor}: ${escapeText(approval.tool)}  ${approval.id}`);
      }),
    );
}

async function listApprovals(
  program: Command,
  terminal: Terminal,
  { all, json }: ListOptions,
): Promise<void> {
  await withStore(program, terminal, async (store) => {
    const approvals = await store.approvals.list(all ? undefined : "waiting");
    if (json) return terminal.printJson(approvals);
    if (approvals.length === 0) return terminal.note("Nobody is asked for anything.");
    const rows = approvals.map((approval) => [
      approval.id,
      approval.tool,
      approval.principal,
      approval.status,
      timeText(approval.expiresAt),
    ]);
    terminal.print(table(["APPROVAL", "TOOL", "PRINCIPAL", "STATUS", "EXPIRES"], rows));
  });
}

function describeApproval(approval: Approval, terminal: Terminal): readonly string[] {
  const { shown, answeredBy } = approval;
  const facts = [
    ["status", answeredBy ? `${approval.status} by ${answeredBy}` : approval.status],
    ["asked", timeText(approval.askedAt)],
    ["expires", timeText(approval.expiresAt)],
    ["session", approval.session],
    ["call", approval.call],
  ].map(([name = "", value = ""]) => `${name.padEnd(10)}${escapeText(value)}`);
  const texts = Object.entries(shown).map(([name, value]) => showField(name, value, terminal));
  return [terminal.paint("bold", approval.id), ...facts, "", ...texts];
}

function showField(name: string, value: unknown, terminal: Terminal): string {
  const text = typeof value === "string" ? escapeText(value) : escapeJson(value);
  const indented = text.split("\n").map((line) => `  ${line}`);
  return [terminal.paint("bold", escapeText(name)), ...indented].join("\n");
}
