import { limits } from "../manifests/limits.ts";
import { act } from "./act.ts";
import type { Client } from "./client.ts";
import { conversation } from "./conversation.ts";
import type { Model } from "./openai.ts";
import { type Action, type AgentTask, type Run, type Turn, tokensSpent } from "./run.ts";
import { stopOf } from "./stop.ts";
import type { FunctionTool } from "./tools.ts";

export interface AgentDeps {
  readonly gateway: Pick<Client, "propose" | "tools">;
  readonly model: Model;
  /** One for each call of the model, never given twice in a session. */
  readonly nextKey: () => string;
  readonly signal: AbortSignal;
  /** Told of each call when its answer is there. */
  readonly onAction: (action: Action) => void;
}

/**
 * Lets the model think, act and observe until it answers, fails or reaches a bound; the run that
 * comes back says why it stopped. Rejects with a `GatewayError` where the tools cannot be listed.
 */
export async function runAgent(task: AgentTask, deps: AgentDeps): Promise<Run> {
  const bounded = withDeadline(task, deps);
  const tools = await deps.gateway.tools({ format: "openai" });
  let run = settle({ task, steps: [] }, bounded);
  while (run.stop === undefined) {
    const turn = await think(run, tools, bounded);
    const actions = await act(turn.calls, { ...bounded, session: task.session });
    run = settle({ ...run, steps: [...run.steps, { ...turn, actions }] }, bounded);
  }
  return run;
}

/** One signal ends the model's request, the tool's call and the loop. */
function withDeadline(task: AgentTask, deps: AgentDeps): AgentDeps {
  const deadline = AbortSignal.timeout(task.bounds.seconds * 1_000);
  return { ...deps, signal: AbortSignal.any([deps.signal, deadline]) };
}

function settle(run: Run, { signal }: Pick<AgentDeps, "signal">): Run {
  const stop = stopOf(run, signal);
  return stop === undefined ? run : { ...run, stop };
}

function think(run: Run, tools: readonly FunctionTool[], deps: AgentDeps): Promise<Turn> {
  const tokensLeft = run.task.bounds.tokens - tokensSpent(run);
  return deps.model.complete({
    messages: conversation(run),
    tools,
    answerTokens: Math.min(limits.agentAnswerTokens, tokensLeft),
    signal: deps.signal,
  });
}
