import type { Detector } from "./detector.ts";
import { disguiseDetector } from "./disguise.ts";
import { secretsDetector } from "./secrets.ts";

export type DetectorName = "secrets" | "disguise";

const detectors: Readonly<Record<DetectorName, Detector>> = {
  secrets: secretsDetector,
  disguise: disguiseDetector,
};

/** In the order of `names`; each once. */
export function detectorsNamed(names: readonly DetectorName[]): readonly Detector[] {
  return [...new Set(names)].map((name) => detectors[name]);
}
