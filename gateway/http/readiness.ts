import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Deps } from "../deps.ts";

type Needs = Pick<Deps, "clock" | "selfProof" | "store">;

/**
 * Whether calls can be taken: the record can be written and signed, and the last proof of each tier
 * held. Anyone may ask, so the record is looked at once in a while, however many ask, and tiers are
 * not measured for them.
 *
 * The function resolves with what the gateway stands on, and rejects with a `Refusal` that says what
 * is missing.
 */
export function createReadiness({ clock, selfProof, store }: Needs): () => Promise<JsonObject> {
  const checkRecord = atMostEvery(limits.readyMs, clock, async () => {
    await store.record.checkpoint();
  });
  return async () => {
    await checkRecord();
    const proofs = await selfProof.proofs();
    if (proofs.length === 0 || !proofs.every(({ offered }) => offered)) {
      throw new Refusal("SANDBOX_UNAVAILABLE");
    }
    return selfProof.standing;
  };
}

/** Gives the outcome of the last look again until it is older than `ms`. */
function atMostEvery(
  ms: number,
  clock: Needs["clock"],
  look: () => Promise<void>,
): () => Promise<void> {
  let last: { readonly at: number; readonly outcome: Promise<void> } | undefined;
  return () => {
    const at = clock.monotonic();
    if (last === undefined || at - last.at >= ms) last = { at, outcome: look() };
    return last.outcome;
  };
}
