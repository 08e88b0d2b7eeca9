import { isPlanned } from "../../manifests/plan.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Traced } from "../state.ts";

/**
 * What a session declared before it read anything holds for as long as it lasts: no text that it reads
 * later adds an effect. Reading is free.
 *
 * @throws {Refusal} `PLAN_EXCEEDED`.
 */
export function requirePlanned({ session, tool, proposal }: Traced): void {
  const { effects, name } = tool.manifest;
  if (session.plan === undefined || effects.every((effect) => effect === "read")) return;
  if (!isPlanned(session.plan, name, proposal.arguments)) throw new Refusal("PLAN_EXCEEDED");
}
