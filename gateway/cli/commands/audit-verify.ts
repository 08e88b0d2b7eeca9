import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Verification } from "../../audit/verify.ts";
import type { Checkpoint } from "../../store/store.ts";
import { escapeText } from "../escape.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError, orConfiguration } from "../failure.ts";
import { readDeployment, withStore } from "../open.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface VerifyOptions {
  readonly anchor?: string;
  readonly json?: true;
}

export function addVerify(audit: Command, program: Command, terminal: Terminal): void {
  audit
    .command("verify")
    .description("Walk the whole record; names what was changed, dropped, inserted or cut off.")
    .option("--anchor <file>", "a checkpoint kept elsewhere: proves what it covers is all there")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExits with 1 where something is wrong. Without an anchor a cut-off tail cannot be seen.\n\nExamples:\n  ringward audit verify --anchor anchor.json",
    )
    .action(async ({ anchor: file, json }: VerifyOptions) => {
      const { config } = await readDeployment(program, terminal);
      const anchor = file === undefined ? undefined : await readAnchor(file, terminal);
      const { verifyRecord } = await import("../../audit/verify.ts");
      const options = anchor === undefined ? {} : { anchor };
      const verification = await orConfiguration(verifyRecord(config.state, options));
      if (json) terminal.printJson(verification);
      else terminal.print(...describe(verification, terminal));
      if (!verification.verified) terminal.leave(exitCodes.found);
    });
}

/** What `verifyRecord` trusts of it is its signature; here it only has to be readable. */
async function readAnchor(file: string, terminal: Terminal): Promise<Checkpoint> {
  const path = resolve(terminal.cwd, file);
  const text = await readFile(path, "utf8");
  try {
    const anchor = JSON.parse(text) as Checkpoint;
    if (typeof anchor.signature === "string" && Number.isSafeInteger(anchor.sequence))
      return anchor;
  } catch {
    // Told below, in the same words.
  }
  const message = `${path}: no checkpoint (make one: \`ringward audit checkpoint > ${file}\`)`;
  throw new CommandError(exitCodes.configuration, message);
}

function describe(verification: Verification, terminal: Terminal): readonly string[] {
  const { verified, records, chains, faults } = verification;
  const rows = chains.map((chain) => [
    chain.writer,
    String(chain.records),
    String(chain.checkpoints),
    chain.tail,
    String(chain.provenTo),
  ]);
  const found = faults.map(
    ({ chain, sequence, what }) => `record ${sequence ?? "-"} of ${chain ?? "-"}: ${what}`,
  );
  const word = verified
    ? terminal.paint("green", "verified")
    : terminal.paint("red", "NOT VERIFIED");
  return [
    table(["WRITER", "RECORDS", "CHECKPOINTS", "TAIL", "PROVEN TO"], rows),
    ...found.map((line) => `${terminal.paint("red", "fault")}  ${escapeText(line)}`),
    `${word}  ${records} records, ${faults.length} faults`,
  ];
}

export function addCheckpoint(audit: Command, program: Command, terminal: Terminal): void {
  audit
    .command("checkpoint")
    .description("Print the newest signed checkpoint of a writer, to be kept elsewhere.")
    .option("--writer <name>", "gateway, or cli for the command lines", "gateway")
    .addHelpText(
      "after",
      "\nA running gateway signs a fresh one: GET /v1/audit/checkpoint.\n\nExamples:\n  ringward audit checkpoint > anchor.json\n  ringward audit checkpoint --writer cli",
    )
    .action(async ({ writer }: { readonly writer: string }) => {
      terminal.printJson(await newestCheckpoint(program, terminal, writer));
    });
}

async function newestCheckpoint(
  program: Command,
  terminal: Terminal,
  writer: string,
): Promise<unknown> {
  if (writer === "cli") {
    return await withStore(program, terminal, (store) => store.record.checkpoint());
  }
  const { config } = await readDeployment(program, terminal);
  const { listRecords } = await import("../../audit/read.ts");
  const records = await orConfiguration(listRecords(config.state, { kind: "checkpoint" }));
  const newest = records.find((record) => record.writer === writer);
  if (newest !== undefined) return newest.content;
  const message = `${config.state}: no checkpoint of the writer ${writer} yet (try \`--writer cli\`, or start the gateway first)`;
  throw new CommandError(exitCodes.found, message);
}
