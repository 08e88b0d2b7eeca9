import type { CallAnswer } from "../manifests/call.ts";
import { limits } from "../manifests/limits.ts";
import { Refusal } from "../manifests/refusals.ts";
import { covered } from "./coverage.ts";
import type { Deps } from "./deps.ts";
import { type End, Ended } from "./ended.ts";
import { admit } from "./stages/admit.ts";
import { check } from "./stages/check.ts";
import { identify } from "./stages/identify.ts";
import { inspect } from "./stages/inspect.ts";
import { judge } from "./stages/judge.ts";
import { run } from "./stages/run.ts";
import { settle } from "./stages/settle.ts";
import { trace } from "./stages/trace.ts";
import type { Admitted, Checked, Inspected, Received } from "./state.ts";
import { controls } from "./trace.ts";

/**
 * One proposed tool call, through every ring. Read this first.
 *
 * Resolves with what the agent is told, once that is durable. Never rejects: whatever is thrown on
 * the way becomes a refusal.
 */
export async function handleCall(received: Received, deps: Deps): Promise<CallAnswer> {
  const end = await reachEnd(received, deps);
  return await settle(received, end, deps);
}

async function reachEnd(received: Received, deps: Deps): Promise<End> {
  try {
    return { kind: "completed", state: await pass(received, deps) };
  } catch (error) {
    return endOf(error);
  }
}

async function pass(received: Received, deps: Deps): Promise<Inspected> {
  const identified = await identify(received, deps);
  const checked = await check(identified, deps);
  const admitted = await decide(checked, deps);
  return covered(await inspect(await run(admitted, deps), deps), controls);
}

/**
 * Judges by what is true now, and admits only if it still is; where the session's labels moved in
 * between, by another call of the same session, judges again.
 */
async function decide(checked: Checked, deps: Deps, tries: number = 1): Promise<Admitted> {
  try {
    const traced = await trace(checked, deps);
    return await admit(await judge(traced, deps), deps);
  } catch (error) {
    if (!hasMoved(error) || tries >= limits.judgeTries) throw error;
    return await decide(checked, deps, tries + 1);
  }
}

function hasMoved(error: unknown): boolean {
  return error instanceof Refusal && error.code === "SESSION_MOVED";
}

function endOf(error: unknown): End {
  if (error instanceof Ended) return error.end;
  if (error instanceof Refusal) return { kind: "refused", refusal: error };
  return { kind: "refused", refusal: new Refusal("INTERNAL", undefined, { cause: error }) };
}
