import type { ContainerTier } from "../../../manifests/tier.ts";
import type { EngineFacts } from "../link/launcher.ts";

export interface Known {
  readonly name: string;
  readonly version: string;
  /** Why this version should be replaced; absent where nothing is known against it. */
  readonly hole?: string;
}

/** What is known against the versions of engine and runtime, as far as they tell them. */
export function knownHoles(facts: EngineFacts, tier: ContainerTier): readonly Known[] {
  const runtime = facts.runtimes.find((one) => one.tier === tier);
  return [
    known("engine without known holes", facts.engine, engineHole),
    ...(runtime?.version === undefined
      ? []
      : [
          known(
            "runtime without known holes",
            runtime.version,
            tier === "gvisor" ? gvisorHole : runcHole,
          ),
        ]),
  ];
}

function known(
  name: string,
  version: string,
  holeOf: (version: string) => string | undefined,
): Known {
  const hole = holeOf(version);
  return { name, version, ...(hole !== undefined && { hole }) };
}

function runcHole(version: string): string | undefined {
  if (isBefore(version, [1, 1, 12])) return "a container can come out (CVE-2024-21626 and others)";
  const isMended =
    !isBefore(version, [1, 4, 0]) ||
    (isOf(version, [1, 3]) && !isBefore(version, [1, 3, 3])) ||
    (isOf(version, [1, 2]) && !isBefore(version, [1, 2, 8]));
  if (isMended) return undefined;
  return "a hostile image can come out (CVE-2025-31133, -52565, -52881): 1.2.8, 1.3.3 or 1.4 is needed";
}

/** Versions are days: `release-20221219.0`. */
function gvisorHole(version: string): string | undefined {
  const day = /(20\d{6})/.exec(version)?.[1] ?? "";
  return day < "20250401" ? "released before fixes of 2023 to 2025 (CVE-2025-2713)" : undefined;
}

function engineHole(version: string): string | undefined {
  return isBefore(version, [25]) ? "no longer maintained" : undefined;
}

function isOf(version: string, wanted: readonly number[]): boolean {
  const parts = partsOf(version);
  return wanted.every((part, at) => parts[at] === part);
}

/** What cannot be read is before everything. */
function isBefore(version: string, wanted: readonly number[]): boolean {
  const parts = partsOf(version);
  const at = wanted.findIndex((part, place) => (parts[place] ?? 0) !== part);
  return at >= 0 && (parts[at] ?? 0) < (wanted[at] ?? 0);
}

function partsOf(version: string): readonly number[] {
  const [, ...parts] = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return parts.map(Number);
}
