import type { Grant } from "../manifests/grant.ts";
import type { JsonObject, JsonValue } from "../manifests/json.ts";
import type { Refusal } from "../manifests/refusals.ts";
import { controlsBefore } from "./coverage.ts";
import type { End } from "./ended.ts";
import type { Judged, Received } from "./state.ts";
import type { Reached, Trace, TraceEntry } from "./trace.ts";

/**
 * What the record says of a call beside what the store itself writes there: views of its state and
 * its trace. Argument and output texts are not in it; the store commits to them, so that they can be
 * erased and the record still holds. `standing` is what the gateway stood on: its mode, and tiers
 * that ran without walls.
 */
export function intentDetails(state: Judged, grant: Grant, standing: JsonObject): JsonObject {
  return {
    ...standing,
    ...actorAndPin(state),
    grant: grant as unknown as JsonObject,
    rules: [...state.rules],
    trace: entries(state.trace.entries),
  };
}

/** How a call ended. Where an intent was written, only what came after it. */
export function endDetails(received: Received, end: End, standing: JsonObject): JsonObject {
  const { trace } = received;
  return {
    ...standing,
    ...actorAndPin(trace.reached),
    ...(end.kind === "refused" && { refusal: refusalFacts(end.refusal) }),
    trace: entries(trace.reached.grant === undefined ? trace.entries : sinceIntent(trace)),
  };
}

function actorAndPin({ caller, tool }: Reached): JsonObject {
  return { actor: caller?.actor ?? null, pin: tool?.pin ?? null };
}

/** `detail` is what the agent was told; `cause` is for operators alone. */
function refusalFacts({ code, ring, message, cause }: Refusal): JsonObject {
  const why = cause instanceof Error ? `${cause.name}: ${cause.message}`.slice(0, 1_000) : null;
  return { code, ring, detail: message, cause: why?.toWellFormed() ?? null };
}

function sinceIntent({ entries: all }: Trace): readonly TraceEntry[] {
  const before = controlsBefore("grant");
  return all.filter(({ control }) => !before.includes(control));
}

function entries(some: readonly TraceEntry[]): JsonValue {
  return some.map(({ control, ms, facts }) => ({ control, ms, ...facts }));
}
