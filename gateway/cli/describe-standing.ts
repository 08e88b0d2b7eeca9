import type { JsonObject } from "../../manifests/json.ts";
import type { Gateway } from "../open-gateway.ts";
import type { Proof } from "../self-proof/tier-proof.ts";
import { endedNotes } from "./doctor/suppressions.ts";
import { escapeText } from "./escape.ts";

/** Lines about what a gateway stands on, once its tiers are proved: none where all is as it should be. */
export async function describeStanding(gateway: Gateway): Promise<readonly string[]> {
  const { selfProof, deps } = gateway;
  const proofs = await selfProof.proofs();
  const { standing } = selfProof;
  return [
    ...(standing["mode"] === "development" ? ["Development mode: for this machine alone."] : []),
    ...unwalledNotes(standing),
    ...refusedNotes(proofs),
    ...endedNotes(deps.guards.suppressor.all, deps.clock.now()),
  ];
}

/** What nobody may overlook. */
export function unwalledNotes({ unwalled }: JsonObject): readonly string[] {
  if (!Array.isArray(unwalled)) return [];
  return unwalled.map(
    (tier) => `Tier ${tier} has NO WALLS on this machine: run no code here that you do not trust.`,
  );
}

/** Why calls of a tier are refused: each wall of its floor that is missing, with what was measured. */
export function refusedNotes(proofs: readonly Proof[]): readonly string[] {
  return proofs
    .filter(({ offered }) => !offered)
    .flatMap(({ tier, walls }) => [
      `Tier ${tier} is not offered, so its calls are refused. What does not hold:`,
      ...walls
        .filter(({ floor, holds }) => floor && !holds)
        .map(({ name, measured }) => `  ${name}: ${oneLine(measured)}`),
      "`ringward doctor` measures again, and says what to do about each.",
    ]);
}

/** Said where no container tier can ever be offered, however long one waits. */
export function offNotes({ containers }: Gateway): readonly string[] {
  if (containers !== undefined) return [];
  return [
    "Container tiers are off: in production `containers` in the deployment file has to name a launcher.",
  ];
}

/** What was measured, as one line for a person. A launcher may complain in several. */
export function oneLine(measured: string): string {
  return escapeText(measured.trim().replace(/\s+/g, " ")) || "nothing";
}
