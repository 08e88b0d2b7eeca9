import type { Wall } from "../../../sandbox/sandbox.ts";
import type { Proof } from "../../self-proof/tier-proof.ts";
import { oneLine } from "../describe-standing.ts";
import { type Check, fail, ok, warn } from "./check.ts";

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

/** The tier itself, and what is missing of it. */
export function checkTier(proof: Proof): readonly Check[] {
  const holes = proof.walls.filter(({ holds }) => !holds);
  return [checkOffer(proof), ...holes.map((wall) => checkHole(proof.tier, wall))];
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

function checkHole(tier: string, { name, floor, measured }: Wall): Check {
  const check = floor ? fail : warn;
  return check(`${tier}: ${name}`, oneLine(measured), floor ? floorMend : mendOf(measured));
}

const floorMend =
  "on Linux `apt install bubblewrap`, and allow namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns; in a container a seccomp profile that allows unshare); elsewhere only `mode: development` runs tools, without walls";

/** What stands above the floor comes from the launcher, or from who manages control groups. */
function mendOf(measured: string): string {
  if (measured.includes("bubblewrap")) return "`apt install bubblewrap`";
  return "let the gateway make control groups of its own (systemd: `Delegate=memory pids` with `DelegateSubgroup=`); calls run without";
}
