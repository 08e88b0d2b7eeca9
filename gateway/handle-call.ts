import type { CallAnswer } from "../manifests/call.ts";
import { limits } from "../manifests/limits.ts";
import { Refusal } from "../manifests/refusals.ts";
import { covered } from "./coverage.ts";
import type { Deps } from "./deps.ts";
import { type End, Ended } from "./ended.ts";
import { admit } from "./stages/admit.ts";
import { check } from "./stages/check.ts";
import { identify, lookAgain } from "./stages/identify.ts";
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
  const ran = await run(admitted, deps);
  return covered(await inspect(ran, deps), controls);
}

async function decide(checked: Checked, deps: Deps): Promise<Admitted> {
  const judging = async (state: Checked): Promise<Admitted> =>
    await admit(await judge(trace(state), deps), deps);
  return await whileSessionMoves(judging, checked, deps);
}

/**
 * Judges by what is known, and admits only if that is still so. Where another call of the same
 * session has moved its labels in between, looks again and judges again.
 */
async function whileSessionMoves(
  judging: (state: Checked) => Promise<Admitted>,
  checked: Checked,
  deps: Deps,
): Promise<Admitted> {
  let state = checked;
  for (let tries = 1; ; tries += 1) {
    try {
      return await judging(state);
    } catch (error) {
      if (!hasMoved(error) || tries === limits.judgeTries) throw error;
    }
    state = await lookAgain(state, deps);
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
