import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Deps } from "../deps.ts";

type Needs = Pick<Deps, "clock" | "sandboxes" | "store">;

/**
 * Whether calls can be taken: the record can be written and signed, and each tier is offered. Anyone
 * may ask, so each is looked at once in a while, however many ask.
 *
 * The function rejects with a `Refusal` that says what is missing.
 */
export function createReadiness({ clock, sandboxes, store }: Needs): () => Promise<void> {
  const checkRecord = atMostEvery(limits.readyMs, clock, async () => {
    await store.record.checkpoint();
  });
  const checkTiers = atMostEvery(limits.tierProbeMs, clock, () => probeAll(sandboxes));
  return async () => {
    await checkRecord();
    await checkTiers();
  };
}

async function probeAll(sandboxes: Needs["sandboxes"]): Promise<void> {
  for (const sandbox of sandboxes.values()) {
    const { offered } = await sandbox.probe();
    if (!offered) throw new Refusal("SANDBOX_UNAVAILABLE");
  }
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
