import type { ContainerTier } from "../manifests/tier.ts";
import type { EngineFacts } from "../sandbox/container/link/launcher.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** The container tiers of a gateway. Nothing of them is there before one is asked for. */
export interface ContainerTiers {
  readonly sandboxes: ReadonlyMap<ContainerTier, Sandbox>;
  /** False where nobody asked for containers. */
  readonly isNamed: boolean;
  /** What the engine is and has. @throws {Refusal} `ENGINE_UNAVAILABLE`. */
  facts(): Promise<EngineFacts>;
  close(): Promise<void>;
}
