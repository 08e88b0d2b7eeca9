import { randomUUID } from "node:crypto";
import { z } from "zod";
import { limits } from "../manifests/limits.ts";
import { Refusal } from "../manifests/refusals.ts";
import { createClient } from "./client.ts";
import { runAgent } from "./loop.ts";
import { createModel } from "./openai.ts";
import { callProgress, endProgress, type Progress } from "./progress.ts";
import type { Run, StopReason } from "./run.ts";
import { type AgentSettings, parseSettings } from "./settings.ts";

// Composition root of the agent's own process. Settings come as one JSON document on standard
// input, because a token in the arguments or the environment can be read by others. Standard output
// is one line of JSON for each call and one for the end.
process.exitCode = await main();

/** 0 finished, 1 something failed, 2 stopped at a bound, 64 the settings are wrong. */
async function main(): Promise<number> {
  try {
    const run = await start(parseSettings(await readInput()));
    print(endProgress(run));
    return exitCodeOf(run.stop?.reason ?? "cancelled");
  } catch (error) {
    process.stderr.write(`agent: ${describe(error)}\n`);
    return isUsageError(error) ? 64 : 1;
  }
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > limits.agentSettingsBytes) throw new Refusal("BODY_TOO_BIG");
  }
  return Buffer.concat(chunks).toString();
}

function start(settings: AgentSettings): Promise<Run> {
  const { gateway, model, task } = settings;
  return runAgent(task, {
    gateway: createClient({ baseUrl: gateway.url, token: gateway.token }),
    model: createModel(model),
    nextKey: randomUUID,
    signal: interruption(),
    onAction: (action) => print(callProgress(action)),
  });
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  process.once("SIGTERM", () => controller.abort());
  return controller.signal;
}

function print(line: Progress): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function exitCodeOf(reason: StopReason): number {
  if (reason === "finished") return 0;
  return reason === "model-failed" || reason === "gateway-failed" ? 1 : 2;
}

function isUsageError(error: unknown): boolean {
  return error instanceof z.ZodError || error instanceof Refusal;
}

function describe(error: unknown): string {
  if (error instanceof z.ZodError) {
    const issue = error.issues[0];
    return `settings: \`${issue?.path.join(".")}\`: ${issue?.message}`;
  }
  return error instanceof Error ? error.message : String(error);
}
