import { createHash } from "node:crypto";
import type { Digest } from "../../../manifests/digest.ts";
import type { Grant } from "../../../manifests/grant.ts";
import { type ContainerTier, isContainerTier } from "../../../manifests/tier.ts";
import type { ContainerLimits } from "../link/launcher.ts";

/** What a container is made for: it serves one call of this, and never another. */
export interface Cordon {
  /** Calls with different keys never take each other's containers. */
  readonly key: string;
  readonly principal: string;
  readonly pin: Digest;
  readonly tier: ContainerTier;
  readonly limits: ContainerLimits;
  readonly mounts: readonly string[];
  /** What stands at the mounts: one that waits still shows what stood there at its start. */
  readonly ground: string;
  readonly network: boolean;
}

export type Seen = Pick<Cordon, "mounts" | "ground" | "network">;

/** @throws {Error} for a tier that is none of containers. */
export function cordonOf(grant: Grant, { mounts, ground, network }: Seen): Cordon {
  const { principal, toolPin: pin, bundle, sandbox, limits } = grant;
  const { tier } = sandbox;
  if (!isContainerTier(tier)) throw new Error(`\`${tier}\` is no tier of containers`);
  const { memoryMb, cpuMs } = limits;
  const parts = [principal, pin, tier, bundle, memoryMb, cpuMs, mounts, ground, network];
  const key = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return { key, principal, pin, tier, limits: { memoryMb, cpuMs }, mounts, ground, network };
}
