import { actionLimits } from "../../manifests/action-limits.ts";
import type { CallProposal } from "../../manifests/call.ts";
import { canonicalJson } from "../../manifests/canonical.ts";
import { type Digest, digestJson } from "../../manifests/digest.ts";
import type { JsonObject, JsonValue } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Deps } from "../deps.ts";
import { Ended } from "../ended.ts";
import type { Identified, Ran, Withholding } from "../state.ts";
import type { Approval } from "../store/store.ts";

export type WithheldOutput = Pick<Withholding, "because" | "released"> & {
  readonly output: JsonValue;
};

type Needs = Pick<Deps, "clock" | "newId">;

/** Behind a reference: the agent can pass the output on, and cannot read it. */
export function quarantine(
  { session }: Ran,
  { because, released }: WithheldOutput,
  { clock, newId }: Needs,
): Withholding {
  const end = clock.now() + actionLimits.referenceSeconds * 1_000;
  const expiresAt = Math.min(end, session.expiresAt);
  return { id: newId("reference"), because, released, expiresAt };
}

/** Until a person has looked at it; the call has run, and does not run again. */
export function askFor(state: Ran, withheld: WithheldOutput, { clock, newId }: Needs): Withholding {
  const { because, released } = withheld;
  const askedAt = clock.now();
  const expiresAt = askedAt + limits.approvalSeconds * 1_000;
  const id = newId("approval");
  const { principal } = state.session;
  const approval: Approval = {
    ...{ id, call: state.id, session: state.session.id, principal, askedAt, expiresAt },
    tool: state.tool.manifest.name,
    facts: factsOf(state.id, state.asked),
    shown: shownTo(state, withheld),
    status: "waiting",
  };
  return { id, because, released, expiresAt, approval };
}

/** What the person is shown. Strangers wrote parts of it: whoever prints it escapes it. */
function shownTo(state: Ran, { output, because }: WithheldOutput): JsonObject {
  const text = canonicalJson(output);
  return {
    tool: state.tool.manifest.name,
    questions: ["May the agent read what the tool has returned?"],
    found: [...because],
    principal: state.session.principal,
    task: state.session.task,
    arguments: state.proposal.arguments,
    output: text.slice(0, actionLimits.shownChars).toWellFormed(),
    outputChars: text.length,
  };
}

/**
 * Ends a proposal that names the approval of an output by what is known of the call that gave it:
 * nothing runs again. Any other approval is left to the judge.
 */
export async function endLookedAt(
  state: Identified,
  { store }: Pick<Deps, "store">,
): Promise<void> {
  const { approval: named } = state.proposal;
  if (named === undefined) return;
  const approval = await store.approvals.find(named);
  if (approval?.session !== state.session.id) return;
  if (approval.facts !== factsOf(approval.call, askedBy(state.proposal))) return;
  if (approval.status === "expired") throw new Refusal("APPROVAL_MISMATCH");
  const { answer } = (await store.calls.find(approval.call)) ?? {};
  if (answer !== undefined) throw new Ended({ kind: "repeated", answer });
}

/** What the agent asked for, in its own words: references in it are not followed. */
export function askedBy({ tool, arguments: args }: CallProposal): Digest {
  return digestJson("request", { tool, arguments: args });
}

function factsOf(call: string, asked: Digest): Digest {
  return digestJson("output-approval", { call, asked });
}
