import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Deps } from "../deps.ts";

type Needs = Pick<Deps, "clock" | "sandboxes" | "store">;

/**
 * Whether calls can be taken: the record can be written and signed, and each tier is offered. Anyone
 * may ask, so it is looked at once in `limits.readyMs`, however many ask.
 *
 * The function rejects with a `Refusal` that says what is missing.
 */
export function createReadiness(deps: Needs): () => Promise<void> {
  let looked: { readonly at: number; readonly outcome: Promise<void> } | undefined;
  return () => {
    const now = deps.clock.monotonic();
    if (looked === undefined || now - looked.at >= limits.readyMs) {
      looked = { at: now, outcome: look(deps) };
    }
    return looked.outcome;
  };
}

async function look({ sandboxes, store }: Needs): Promise<void> {
  await store.record.checkpoint();
  for (const sandbox of sandboxes.values()) {
    const { offered } = await sandbox.probe();
    if (!offered) throw new Refusal("SANDBOX_UNAVAILABLE");
  }
}
