import type { LaunchRequest } from "./launcher.ts";

/** For a tool that sees nothing and has no way out. */
export const launchRequest: LaunchRequest = {
  pin: "a".repeat(64),
  slot: "b".repeat(32),
  tier: "container",
  limits: { memoryMb: 32, cpuMs: 1_000 },
  mounts: [],
  network: false,
};
