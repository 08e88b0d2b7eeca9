import type { Gateway } from "../../open-gateway.ts";
import { explainFailure } from "../failure.ts";
import { openGatewayOf } from "../open.ts";
import { type Check, ok, type Patient, warn } from "./check.ts";
import { checkDescriptions } from "./descriptions.ts";
import { checkEngine } from "./engine.ts";
import { checkSuppressions } from "./suppressions.ts";
import { checkTier, reportTier, type TierReport } from "./tiers.ts";

export interface Parts {
  readonly checks: readonly Check[];
  readonly tiers: readonly TierReport[];
}

/** Puts the gateway together as `start` would, and measures the walls of each tier that it has. */
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
    const { tiers, checks } = await measureTiers(gateway);
    const engine = await checkEngine(gateway);
    const { clock, guards, tools } = gateway.deps;
    const suppressions = checkSuppressions(guards.suppressor.all, clock.now());
    const descriptions = await checkDescriptions(tools.values());
    const own = [describe(gateway), ...checkPolicies(gateway), ...suppressions, ...descriptions];
    return { checks: [...own, ...engine, ...checks], tiers };
  } finally {
    await gateway.close();
  }
}

async function measureTiers({ deps, selfProof }: Gateway): Promise<Parts> {
  const promised = await selfProof.proofs();
  const asked = await Promise.all([...deps.sandboxes.keys()].map((tier) => selfProof.proof(tier)));
  const proofs = asked.filter((proof) => proof !== undefined);
  return {
    checks: proofs.flatMap((proof) => checkTier(proof, promised.includes(proof))),
    tiers: proofs.map(reportTier),
  };
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
