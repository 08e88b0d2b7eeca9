/**
 * Ways out of a container that were found in a runtime, and the first version of each line that has
 * none of it. gVisor's releases have none that would be known.
 */
const escapes: Readonly<Record<string, readonly Escape[]>> = {
  runc: [
    { id: "CVE-2019-5736", fixedIn: ["1.0.0-rc7"] },
    { id: "CVE-2021-30465", fixedIn: ["1.0.0-rc95"] },
    { id: "CVE-2024-21626", fixedIn: ["1.1.12"] },
    { id: "CVE-2025-31133", fixedIn: ["1.2.8", "1.3.3", "1.4.0-rc3"] },
    { id: "CVE-2025-52565", fixedIn: ["1.2.8", "1.3.3", "1.4.0-rc3"] },
    { id: "CVE-2025-52881", fixedIn: ["1.2.8", "1.3.3", "1.4.0-rc3"] },
  ],
};

interface Escape {
  readonly id: string;
  /** Rising. */
  readonly fixedIn: readonly string[];
}

/** The known escapes that a runtime of this version has; all of them where it cannot be read. */
export function knownEscapes(runtime: string, version: string): readonly string[] {
  const known = Object.hasOwn(escapes, runtime) ? (escapes[runtime] ?? []) : [];
  return known.filter(({ fixedIn }) => !isFixed(partsOf(version), fixedIn)).map(({ id }) => id);
}

/** By the fix of its own line where there is one, else by the newest. */
function isFixed(version: Version | undefined, fixedIn: readonly string[]): boolean {
  if (version === undefined) return false;
  const fixes = fixedIn.map(partsOf).filter((fix) => fix !== undefined);
  const fix = fixes.find((one) => one[0] === version[0] && one[1] === version[1]) ?? fixes.at(-1);
  return fix !== undefined && compare(version, fix) >= 0;
}

/** Major, minor, patch, and the number of a candidate; a release comes after all of them. */
type Version = readonly [number, number, number, number];

function partsOf(text: string): Version | undefined {
  const [, major, minor, patch, candidate] =
    /^v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:-rc\.?(\d{1,6}))?/.exec(text) ?? [];
  if (major === undefined) return undefined;
  const last = candidate === undefined ? Number.POSITIVE_INFINITY : Number(candidate);
  return [Number(major), Number(minor), Number(patch), last];
}

function compare(a: Version, b: Version): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : Math.sign((a[at] ?? 0) - (b[at] ?? 0));
}
