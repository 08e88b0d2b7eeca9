import { type Command, InvalidArgumentError } from "commander";
import { isRefusalCode } from "../../../manifests/refusals.ts";
import type { ShownRecord } from "../../audit/read.ts";
import { type AuditRecord, recordKinds } from "../../audit/record.ts";
import { escapeJson, escapeText } from "../escape.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError, orConfiguration } from "../failure.ts";
import { readDeployment } from "../open.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { timeText } from "../time-text.ts";
import { addCheckpoint, addVerify } from "./audit-verify.ts";

interface ListOptions {
  readonly call?: string;
  readonly session?: string;
  readonly kind?: string;
  readonly code?: string;
  readonly limit: number;
  readonly json?: true;
}

export function addAudit(program: Command, terminal: Terminal): void {
  const audit = program
    .command("audit")
    .description("Read the record, and prove that nobody changed it.")
    .addHelpText("after", examples);
  audit
    .command("list")
    .description("List records, newest first.")
    .option("--call <id>", "of one call")
    .option("--session <id>", "of one session")
    .option("--kind <kind>", "of one kind: intent, end, session.open, …", kindOf)
    .option("--code <code>", "with one refusal code", codeOf)
    .option("--limit <n>", "at most so many", count, 50)
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  ringward audit list --code POLICY_DENIED --limit 10")
    .action((options: ListOptions) => list(program, terminal, options));
  audit
    .command("show")
    .description("Show all that is recorded of a call; what strangers wrote is escaped.")
    .argument("<id>", "the call's id")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  ringward audit show call_019e…")
    .action((id: string, { json }: { readonly json?: true }) =>
      show({ program, terminal, json }, id),
    );
  addVerify(audit, program, terminal);
  addCheckpoint(audit, program, terminal);
}

const examples = `
Examples:
  ringward audit list
  ringward audit show call_019e…
  ringward audit checkpoint > anchor.json    (keep it on another machine)
  ringward audit verify --anchor anchor.json`;

async function list(program: Command, terminal: Terminal, options: ListOptions): Promise<void> {
  const { config } = await readDeployment(program, terminal);
  const { listRecords } = await import("../../audit/read.ts");
  const { json, ...filter } = options;
  const records = await orConfiguration(listRecords(config.state, filter));
  if (json) {
    terminal.printJson(records);
    return;
  }
  if (records.length === 0) {
    terminal.note("No such records.");
    return;
  }
  const headings = ["TIME", "WRITER", "NO.", "KIND", "CODE", "CALL OR SESSION"];
  terminal.print(table(headings, records.map(rowOf)));
}

function rowOf({ at, writer, sequence, kind, code, call, session }: AuditRecord): string[] {
  return [timeText(at), writer, String(sequence), kind, code ?? "", call ?? session ?? ""];
}

interface Showing {
  readonly program: Command;
  readonly terminal: Terminal;
  readonly json: true | undefined;
}

async function show({ program, terminal, json }: Showing, id: string): Promise<void> {
  const { config } = await readDeployment(program, terminal);
  const { showCall } = await import("../../audit/read.ts");
  const records = await orConfiguration(showCall(config.state, id));
  if (records.length === 0) {
    throw new CommandError(exitCodes.found, "no record of such a call (see `ringward audit list`)");
  }
  if (json) terminal.printJson(records);
  else terminal.print(...records.map((record) => describe(record, terminal)));
}

function describe({ record, payloads }: ShownRecord, terminal: Terminal): string {
  const { at, kind, writer, sequence, code, by, session, content } = record;
  const facts = [code, by && `by ${by}`, session].filter((fact) => fact !== undefined);
  const head = `${terminal.paint("bold", escapeText(kind))}  ${timeText(at)}  ${writer} ${sequence}`;
  const texts = payloads.map(({ name, text, state }) => `${name}: ${showPayload(text, state)}`);
  return [
    [head, ...facts.map(escapeText)].join("  "),
    indent(escapeJson(content)),
    ...texts.map(indent),
    "",
  ].join("\n");
}

/** Payloads are JSON or plain text; either way a stranger's. */
function showPayload(text: string | undefined, state: string): string {
  if (text === undefined) return `(${state})`;
  try {
    return escapeJson(JSON.parse(text));
  } catch {
    return escapeText(text);
  }
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}

function kindOf(text: string): string {
  if (text.startsWith("event.") || recordKinds.some((kind) => kind === text)) return text;
  throw new InvalidArgumentError(`Use one of ${recordKinds.join(", ")}, event.…`);
}

function codeOf(text: string): string {
  if (isRefusalCode(text)) return text;
  throw new InvalidArgumentError("No refusal has this code: `docs/errors.md` lists them.");
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 1_000) return number;
  throw new InvalidArgumentError("Give a whole number, 1 to 1000.");
}
