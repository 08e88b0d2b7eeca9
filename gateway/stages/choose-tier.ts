import type { Escalation, Role } from "../../manifests/manifest.ts";
import { strongestTier, type Tier } from "../../manifests/tier.ts";
import type { Verdict } from "../../manifests/verdict.ts";
import type { Traced } from "../state.ts";

/** What makes a call riskier than others of its tool. */
export interface Risk {
  /** The session has read untrusted text, or some argument comes from there. */
  readonly isUntrusted: boolean;
  /** An argument is an order to a machine. */
  readonly carriesCode: boolean;
  /** The tier below which policy forbids the call. */
  readonly advised?: Tier;
}

/**
 * Where one call runs: its tool's own tier, or the strongest of those that its risk names. Whether
 * that tier is offered is not asked here, so that none is ever taken in its place.
 */
export function chooseTier(
  own: { readonly tier: Tier; readonly escalate: Escalation },
  { isUntrusted, carriesCode, advised }: Risk,
): Tier {
  const { tier, escalate } = own;
  return strongestTier(
    tier,
    (isUntrusted && escalate.untrusted) || tier,
    (carriesCode && escalate.code) || tier,
    advised ?? tier,
  );
}

/** Ring 4 said where the arguments came from, ring 5 what policy makes of it. */
export function riskOf(state: Traced, verdict: Verdict): Risk {
  const { session, argumentsLabel, tool, proposal } = state;
  const advised = verdict.kind === "deny" ? undefined : verdict.tier;
  return {
    // In a session that has read a stranger's text even what the user said chooses among more.
    isUntrusted: [session.label, argumentsLabel].some(({ integrity }) => integrity === "untrusted"),
    carriesCode: hasCommand(tool.manifest.roles, Object.keys(proposal.arguments)),
    ...(advised !== undefined && { advised }),
  };
}

/** By name: an argument without a single element is an argument still. */
function hasCommand(roles: Readonly<Record<string, Role>>, names: readonly string[]): boolean {
  return names.some((name) => Object.hasOwn(roles, name) && roles[name] === "command");
}
