import { setTimeout as sleep } from "node:timers/promises";
import type { CallAnswer, CallProposal } from "../manifests/call.ts";
import type { JsonValue } from "../manifests/json.ts";
import { limits } from "../manifests/limits.ts";
import { refusalEntry } from "../manifests/refusals.ts";
import { readProposalAnswer } from "./answers.ts";
import { GatewayError } from "./gateway-error.ts";
import type { Request, Send } from "./send.ts";

export interface ProposeOptions {
  /** Makes the proposal safe to send again; it is then sent again where no answer came. */
  readonly idempotencyKey?: string;
  /** Resolves at once with a `running` call; ask with `call` how it ended. */
  readonly async?: boolean;
  readonly signal?: AbortSignal;
}

export interface Proposed extends ProposeOptions {
  readonly session: string;
  readonly proposal: CallProposal;
}

/**
 * Sends a proposal and resolves with however the call ended. Without an idempotency key it is sent
 * once: nobody could tell a second one from a new call.
 */
export async function propose(send: Send, proposed: Proposed): Promise<CallAnswer> {
  let tries = proposed.idempotencyKey === undefined ? 1 : limits.proposalTries;
  for (;;) {
    tries -= 1;
    const outcome = await attempt(send, proposed);
    const waitMs = waitBeforeRetryMs(outcome);
    if (tries > 0 && waitMs !== undefined) {
      await sleep(waitMs, undefined, { signal: proposed.signal });
    } else {
      if (outcome instanceof GatewayError) throw outcome;
      return outcome;
    }
  }
}

async function attempt(send: Send, proposed: Proposed): Promise<CallAnswer | GatewayError> {
  try {
    return readProposalAnswer(await send(requestOf(proposed)), proposed.proposal);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

function requestOf({ session, proposal, idempotencyKey, signal, async }: Proposed): Request {
  return {
    method: "POST",
    path: `/v1/sessions/${encodeURIComponent(session)}/calls`,
    body: proposal as unknown as JsonValue,
    headers: {
      ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
      ...(async === true && { prefer: "respond-async" }),
    },
    ...(signal && { signal }),
  };
}

/** After no answer, and where the gateway itself says when to come back. */
function waitBeforeRetryMs(outcome: CallAnswer | GatewayError): number | undefined {
  if (outcome instanceof GatewayError) return outcome.kind === "unreachable" ? 0 : undefined;
  const { code, retryAfterSeconds } = outcome;
  if (code === undefined || retryAfterSeconds === undefined) return undefined;
  const mayPass = refusalEntry(code).status === 503 || code === "IDEMPOTENCY_IN_PROGRESS";
  const waitMs = retryAfterSeconds * 1_000;
  return mayPass && waitMs <= limits.retryWaitMs ? waitMs : undefined;
}
