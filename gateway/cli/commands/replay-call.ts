import type { Command } from "commander";
import type { Replay } from "../../replay/replay-call.ts";
import { escapeText } from "../escape.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { localActor, openGatewayOf, readDeployment } from "../open.ts";
import type { Terminal } from "../terminal.ts";

export function addReplayCall(program: Command, terminal: Terminal): void {
  program
    .command("replay-call")
    .description("Run a recorded call again, with recorded answers, and compare bit for bit.")
    .argument("<id>", "the call's id")
    .option("--json", "print one line of JSON")
    .addHelpText(
      "after",
      `
Nothing happens outside of the sandbox: no file is opened, no host is called.
Exits with 0 the same, 1 different, 69 where the call cannot be run again.

Examples:
  ringward audit list --kind end
  ringward replay-call call_019e…`,
    )
    .action(async (id: string, { json }: { readonly json?: true }) => {
      const replay = await runAgain(id, program, terminal);
      if (replay.verdict === "different") terminal.leave(exitCodes.found);
      if (json) terminal.printJson(replay);
      else terminal.print(...describe(replay, terminal));
    });
}

async function runAgain(id: string, program: Command, terminal: Terminal): Promise<Replay> {
  const { config } = await readDeployment(program, terminal);
  const { replayCall } = await import("../../replay/replay-call.ts");
  const { NotReplayable } = await import("../../replay/recorded-call.ts");
  const gateway = await openGatewayOf({ ...config, workers: 1 }, "cli", terminal);
  const stopped = new AbortController();
  void terminal.stopped().then(() => stopped.abort());
  const { signal } = stopped;
  try {
    return await replayCall(id, gateway.deps, {
      folder: config.state,
      by: localActor(terminal),
      signal,
    });
  } catch (error) {
    if (!(error instanceof NotReplayable)) throw error;
    const message = `the call cannot be run again: ${error.message} (\`ringward audit list --kind end\` has the calls, \`audit show\` what is kept of one)`;
    throw new CommandError(exitCodes.unavailable, message, error);
  } finally {
    await gateway.close();
  }
}

function describe(replay: Replay, terminal: Terminal): readonly string[] {
  const { verdict, tool, call, ended, requests, isWhole, difference, engines } = replay;
  const style = verdict === "same" ? "green" : "red";
  const asked = requests === 1 ? "1 request" : `${requests} requests`;
  const compared = isWhole
    ? `compared ${asked}, the log, and the end (${ended})`
    : `compared ${asked}; it was ended from outside (${ended}), so its log and its end say nothing`;
  return [
    `${terminal.paint(style, verdict)}  ${escapeText(tool)}  ${escapeText(call)}`,
    compared,
    ...(difference ? describeDifference(difference) : []),
    ...(engines ? [`V8 is ${engines.again} now, and was ${engines.recorded}`] : []),
  ];
}

function describeDifference(difference: NonNullable<Replay["difference"]>): readonly string[] {
  const { what, number, recorded, again } = difference;
  return [
    `the first difference: ${number === undefined ? what : `${what} ${number}`}`,
    `  recorded  ${escapeText(recorded)}`,
    `  again     ${escapeText(again)}`,
  ];
}
