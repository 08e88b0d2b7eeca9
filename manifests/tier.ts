/**
 * Where a tool runs, weakest wall first: a V8 isolate in a jailed process, a container on the host's
 * kernel (`runc`), a container on a kernel of its own (gVisor's `runsc`), a virtual machine.
 */
export const tiers = ["isolate", "container", "gvisor", "microvm"] as const;
export type Tier = (typeof tiers)[number];

/** The tiers that a container engine runs. */
export const containerTiers = ["container", "gvisor"] as const;
export type ContainerTier = (typeof containerTiers)[number];

export function isContainerTier(tier: Tier): tier is ContainerTier {
  return tier === "container" || tier === "gvisor";
}

/** The one with the strongest walls. */
export function strongestTier(first: Tier, ...others: readonly Tier[]): Tier {
  return others.reduce((a, b) => (tiers.indexOf(b) > tiers.indexOf(a) ? b : a), first);
}
