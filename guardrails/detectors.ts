import type { Detector, DetectorName } from "./detector.ts";
import { disguiseDetector } from "./disguise.ts";
import { injectionDetector } from "./injection/injection.ts";
import { activeDetector } from "./output/active.ts";
import { personalDetector } from "./personal/personal.ts";
import { secretsDetector } from "./secrets.ts";

const detectors: Readonly<Record<DetectorName, () => Detector>> = {
  secrets: () => secretsDetector,
  disguise: () => disguiseDetector,
  injection: injectionDetector,
  personal: () => personalDetector,
  active: () => activeDetector,
};

/**
 * In the order of `names`; each once, and with all that it reads.
 *
 * @throws {SourceError} for a file of theirs that is wrong.
 */
export function detectorsNamed(names: readonly DetectorName[]): readonly Detector[] {
  return [...new Set(names)].map((name) => detectors[name]());
}
