import type { Wall } from "../../../sandbox/sandbox.ts";
import type { Gateway } from "../../open-gateway.ts";
import { explainFailure } from "../failure.ts";
import { openGatewayOf } from "../open.ts";
import { type Check, fail, ok, type Patient, warn } from "./check.ts";

/** Puts the gateway together as `start` would, and measures the walls of each of its tiers. */
export async function checkParts({ config, terminal }: Patient): Promise<readonly Check[]> {
  let gateway: Gateway;
  try {
    gateway = await openGatewayOf({ ...config, workers: 1 }, "cli", terminal);
  } catch (error) {
    return [{ name: "deployment", state: "fail", found: explainFailure(error).line }];
  }
  try {
    return [describe(gateway), ...checkPolicies(gateway), ...(await checkTiers(gateway))];
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

async function checkTiers({ deps }: Gateway): Promise<readonly Check[]> {
  const probed = await Promise.all([...deps.sandboxes.values()].map((sandbox) => sandbox.probe()));
  return probed.flatMap(({ tier, offered, walls }) => [
    offered
      ? ok(`tier ${tier}`, "offered")
      : fail(`tier ${tier}`, "not offered: its tools are refused", "mend the walls below"),
    ...walls.map((wall) => checkWall(tier, wall, offered)),
  ]);
}

const wallMend =
  "use util-linux, and allow namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns; in a container a seccomp profile that allows unshare)";

function checkWall(tier: string, { name, holds, measured }: Wall, offered: boolean): Check {
  if (holds) return ok(`${tier}: ${name}`, measured || "nothing");
  return (offered ? warn : fail)(`${tier}: ${name}`, measured, wallMend);
}
