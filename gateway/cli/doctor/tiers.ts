import { isContainerTier, type Tier } from "../../../manifests/tier.ts";
import type { Wall } from "../../../sandbox/sandbox.ts";
import type { Proof } from "../../self-proof/tier-proof.ts";
import { oneLine } from "../describe-standing.ts";
import { type Check, fail, off, ok, warn } from "./check.ts";

/** A tier as `doctor --json` prints it: each wall with what was measured of it. */
export interface TierReport {
  readonly tier: string;
  readonly offered: boolean;
  readonly isWalled: boolean;
  /** What builds its walls; null where nothing does. */
  readonly launcher: string | null;
  /** Everything on this machine that could. */
  readonly launchers: readonly string[];
  readonly walls: readonly Wall[];
}

export function reportTier(proof: Proof): TierReport {
  const { tier, offered, isWalled, launcher, launchers, walls } = proof;
  return { tier, offered, isWalled, launcher: launcher ?? null, launchers, walls };
}

/** The tier itself, and what is missing of it. What nobody asked for may be missing as a whole. */
export function checkTier(proof: Proof, isPromised = true): readonly Check[] {
  const holes = proof.walls.filter(({ holds }) => !holds);
  if (!isPromised && !proof.offered) return [checkUnasked(proof, holes)];
  return [checkOffer(proof), ...holes.map((wall) => checkHole(proof.tier, wall))];
}

function checkUnasked({ tier }: Proof, holes: readonly Wall[]): Check {
  const missing = holes.filter(({ floor }) => floor).map(({ measured }) => oneLine(measured));
  const found = `not offered, and nothing asks for it: ${missing.join("; ")}`;
  return off(`tier ${tier}`, found, "its calls are refused; docs/deployment.md says what it needs");
}

function checkOffer({ tier, offered, isWalled, launcher, walls, ms }: Proof): Check {
  const name = `tier ${tier}`;
  if (!offered) return fail(name, "not offered: its calls are refused", "mend the walls below");
  if (!isWalled) {
    return fail(
      name,
      "WITHOUT WALLS, as development mode allows",
      "run nothing that you do not trust",
    );
  }
  const held = walls.filter(({ holds }) => holds).length;
  return ok(name, `offered: ${held} walls hold, built by ${launcher}, measured in ${ms} ms`);
}

function checkHole(tier: Tier, { name, floor, measured }: Wall): Check {
  const check = floor ? fail : warn;
  const mend = floor
    ? floorMends[isContainerTier(tier) ? "container" : "isolate"]
    : mendOf(tier, measured);
  return check(`${tier}: ${name}`, oneLine(measured), mend);
}

const floorMends = {
  container:
    "start the engine and the launcher, and build the images (`ringward images build`); a wall that was built and does not hold is a fault of the engine or its runtime",
  isolate:
    "on Linux `apt install bubblewrap`, and allow namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns; in a container a seccomp profile that allows unshare); elsewhere only `mode: development` runs tools, without walls",
} as const;

/** What stands above the floor comes from the launcher, or from who manages control groups. */
function mendOf(tier: Tier, measured: string): string {
  if (isContainerTier(tier)) return "replace what is old, or let the engine have what is missing";
  if (measured.includes("bubblewrap")) return "`apt install bubblewrap`";
  return "let the gateway make control groups of its own (systemd: `Delegate=memory pids` with `DelegateSubgroup=`); calls run without";
}
