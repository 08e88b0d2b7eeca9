import type { Grant } from "../manifests/grant.ts";
import { grantDigest } from "../manifests/grant.ts";
import type { JsonObject, JsonValue } from "../manifests/json.ts";
import type { End } from "./ended.ts";
import type { Judged, Received } from "./state.ts";
import type { Reached, Trace } from "./trace.ts";

/**
 * What the record says of a call: views of its state and trace. Argument and output texts are not in
 * it; the store commits to them, so that they can be erased and the record still holds.
 */
export function intentRecord(state: Judged, grant: Grant): JsonObject {
  return {
    kind: "intent",
    call: state.id,
    ...whoAndWhat(state),
    grant: { ...(grant as unknown as JsonObject), digest: grantDigest(grant) },
    rules: [...state.rules],
    ...(state.approval && { approval: state.approval.id }),
    trace: traceOf(state.trace),
  };
}

/** How a call ended. A call that was never admitted has this one record alone. */
export function endRecord(received: Received, end: End): JsonObject {
  const { reached } = received.trace;
  return {
    kind: "end",
    call: received.id,
    ...whoAndWhat(reached),
    session: reached.session?.id ?? null,
    tool: received.proposal.tool,
    admitted: reached.grant !== undefined,
    ...howItEnded(end),
    trace: traceOf(received.trace),
  };
}

function whoAndWhat(reached: Reached): JsonObject {
  return {
    session: reached.session?.id ?? null,
    principal: reached.session?.principal ?? null,
    actor: reached.caller?.actor ?? null,
    tool: reached.tool?.manifest.name ?? null,
    pin: reached.tool?.pin ?? null,
  };
}

function howItEnded(end: End): JsonObject {
  switch (end.kind) {
    case "completed":
      return { status: "completed", label: { ...end.state.outputLabel } };
    case "refused":
      return { status: "refused", ...refusalFacts(end.refusal) };
    case "pending":
      return { status: "pending", approval: end.approval.id };
    case "repeated":
      return { status: "repeated", of: end.answer.id };
  }
}

/** `detail` may quote the tool's own words; `cause` is for operators alone. */
function refusalFacts(refusal: Extract<End, { kind: "refused" }>["refusal"]): JsonObject {
  const { cause } = refusal;
  return {
    code: refusal.code,
    ring: refusal.ring,
    detail: refusal.message,
    ...(cause instanceof Error && { cause: `${cause.name}: ${cause.message}`.slice(0, 1_000) }),
  };
}

function traceOf(trace: Trace): JsonValue {
  return trace.entries.map(({ control, ms, facts }) => ({ control, ms, ...facts }));
}
