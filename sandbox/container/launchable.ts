import type { Digest } from "../../manifests/digest.ts";
import type { FsPermission } from "../../manifests/permissions.ts";
import type { ContainerTier } from "../../manifests/tier.ts";

/** What a launcher may start: one tool, as its manifest says. Whoever composes it made the list. */
export interface Launchable {
  readonly pin: Digest;
  readonly tool: string;
  /** `sha256:…` of the image's configuration, or `NAME@sha256:…`. */
  readonly image: string;
  readonly command: readonly string[];
  /** The tool's own tier and those to which its calls may be raised. */
  readonly tiers: readonly ContainerTier[];
  readonly memoryMb: number;
  /** What runs our own code takes so much beside the code; nothing for a program of an image. */
  readonly runnerMemoryMb?: number;
  readonly cpuMs: number;
  /** What may be mounted: the manifest's, before arguments narrow it; a template covers all. */
  readonly reads: readonly FsPermission[];
  readonly isNetworked: boolean;
  readonly lifecycle: "call" | "service";
}
