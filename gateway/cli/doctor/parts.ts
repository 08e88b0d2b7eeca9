import type { Gateway } from "../../open-gateway.ts";
import { explainFailure } from "../failure.ts";
import { openGatewayOf } from "../open.ts";
import { type Check, ok, type Patient, warn } from "./check.ts";
import { checkTier, reportTier, type TierReport } from "./tiers.ts";

export interface Parts {
  readonly checks: readonly Check[];
  readonly tiers: readonly TierReport[];
}

/** Puts the gateway together as `start` would, and measures the walls of each of its tiers. */
export async function checkParts({ config, terminal }: Patient): Promise<Parts> {
  let gateway: Gateway;
  try {
    gateway = await openGatewayOf({ ...config, workers: 1 }, "cli", terminal);
  } catch (error) {
    const broken = {
      name: "deployment",
      state: "fail",
      found: explainFailure(error).line,
    } as const;
    return { checks: [broken], tiers: [] };
  }
  try {
    const proofs = await gateway.selfProof.proofs();
    const checks = [describe(gateway), ...checkPolicies(gateway), ...proofs.flatMap(checkTier)];
    return { checks, tiers: proofs.map(reportTier) };
  } finally {
    await gateway.close();
  }
}

function describe({ deps }: Gateway): Check {
  return ok(
    "deployment",
    `store writable, ${deps.tools.size} tools, bundle ${deps.bundle.slice(0, 12)}`,
  );
}

function checkPolicies({ deps }: Gateway): readonly Check[] {
  return deps.policy.warnings.map((warning) =>
    warn("policies", warning, "mend or remove the policy"),
  );
}
