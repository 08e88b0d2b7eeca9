import { isContainerTier, type Tier } from "../../../manifests/tier.ts";
import type { Wall } from "../../../sandbox/sandbox.ts";
import type { Proof } from "../../self-proof/tier-proof.ts";
import { oneLine } from "../describe-standing.ts";
import { type Check, fail, off, ok, warn } from "./check.ts";
import { containerMend } from "./container-mends.ts";

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
  const missing = holes.filter(({ floor }) => floor);
  const why = missing.map(({ measured }) => oneLine(measured)).join("; ");
  const found = `not offered, so its calls are refused; nobody asks for it: ${why}`;
  return off(`tier ${tier}`, found, missing[0] ? mendOf(tier, missing[0]) : "");
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

function checkHole(tier: Tier, wall: Wall): Check {
  const { name, floor, measured } = wall;
  const check = floor ? fail : warn;
  return check(`${tier}: ${name}`, oneLine(measured), mendOf(tier, wall));
}

function mendOf(tier: Tier, wall: Wall): string {
  if (isContainerTier(tier)) return containerMend(wall);
  return wall.floor ? floorMend : mendAbove(wall);
}

const floorMend =
  "on Linux `apt install bubblewrap`, and allow namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns; in a container `systempaths=unconfined` and a seccomp profile that allows unshare and mount, see docs/composition.md); elsewhere only `mode: development` runs tools, without walls";

/** What stands above the floor comes from the launcher, or from who manages control groups. */
function mendAbove({ measured }: Wall): string {
  if (measured.includes("bubblewrap")) return "`apt install bubblewrap`";
  return "let the gateway make control groups of its own (systemd: `Delegate=memory pids` with `DelegateSubgroup=`); calls run without";
}
