import type { CallProposal } from "../manifests/call.ts";
import { isJsonObject } from "../manifests/json.ts";
import { limits } from "../manifests/limits.ts";
import { Refusal } from "../manifests/refusals.ts";
import { parseStrictJson } from "../manifests/strict-json.ts";
import type { Client } from "./client.ts";
import { GatewayError } from "./gateway-error.ts";
import { approvalArgument } from "./openai.ts";
import type { Action, ModelCall, Outcome } from "./run.ts";
import { toolName } from "./tools.ts";

export interface Acting {
  readonly gateway: Pick<Client, "propose">;
  readonly session: string;
  readonly signal: AbortSignal;
  /** One for each call of the model, never given twice. */
  readonly nextKey: () => string;
  readonly onAction: (action: Action) => void;
}

/** Proposes what the model asks for, in its order; after a call without an answer nothing more. */
export async function act(calls: readonly ModelCall[], acting: Acting): Promise<Action[]> {
  const actions: Action[] = [];
  for (const call of calls) {
    const isOver = actions.length >= limits.agentCallsPerStep;
    const outcome = isOver ? tooMany : await perform(call, acting);
    const action: Action = { call, tool: toolName(call.name), outcome };
    actions.push(action);
    acting.onAction(action);
    if (outcome.kind === "failed") break;
  }
  return actions;
}

const tooMany: Outcome = {
  kind: "not-proposed",
  detail: `at most ${limits.agentCallsPerStep} calls in one step; propose it in the next`,
};

async function perform(call: ModelCall, acting: Acting): Promise<Outcome> {
  try {
    const options = { idempotencyKey: acting.nextKey(), signal: acting.signal };
    const answer = await acting.gateway.propose(acting.session, proposalOf(call), options);
    return { kind: "answered", answer };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "not-proposed", detail: error.message };
    if (error instanceof GatewayError) return { kind: "failed", detail: error.message };
    if (acting.signal.aborted) return { kind: "failed", detail: "stopped before an answer came" };
    throw error;
  }
}

/** A tool that does not exist is proposed all the same: what exists is the gateway's to say. */
function proposalOf(call: ModelCall): CallProposal {
  const parsed = parseStrictJson(call.arguments === "" ? "{}" : call.arguments);
  if (!isJsonObject(parsed)) throw new Refusal("JSON_INVALID", "the arguments are no JSON object");
  const { [approvalArgument]: approval, ...rest } = parsed;
  return {
    tool: toolName(call.name),
    arguments: rest,
    ...(typeof approval === "string" && { approval }),
  };
}
