import type { JsonObject } from "../../manifests/json.ts";
import type { Gateway } from "../open-gateway.ts";

/** Lines about what a gateway stands on, once its tiers are proved: none where all is as it should be. */
export async function describeStanding({ selfProof }: Gateway): Promise<readonly string[]> {
  const proofs = await selfProof.proofs();
  const refused = proofs.filter(({ offered }) => !offered).map(({ tier }) => tier);
  const { standing } = selfProof;
  return [
    ...(standing["mode"] === "development" ? ["Development mode: for this machine alone."] : []),
    ...unwalledNotes(standing),
    ...refused.map((tier) => `Tier ${tier} is not offered: its calls are refused. See \`doctor\`.`),
  ];
}

/** What nobody may overlook. */
export function unwalledNotes({ unwalled }: JsonObject): readonly string[] {
  if (!Array.isArray(unwalled)) return [];
  return unwalled.map(
    (tier) => `Tier ${tier} has NO WALLS on this machine: run no code here that you do not trust.`,
  );
}
