import type { DetectorName } from "../guardrails/detector.ts";
import { detectorsNamed } from "../guardrails/detectors.ts";
import { redactJson } from "../guardrails/redact.ts";
import { scanJson } from "../guardrails/scan.ts";
import type { Guard } from "./deps.ts";

/** The detectors of one ring. `randomToken` gives a few characters that nobody can guess. */
export function createGuard(names: readonly DetectorName[], randomToken: () => string): Guard {
  const detectors = detectorsNamed(names);
  return {
    detectors: detectors.map(({ id }) => id),
    scan: (value, context) => scanJson(value, detectors, context),
    redact: (value, findings) =>
      redactJson(
        value,
        findings,
        (kind) => `[redacted:${kind.replace("secret:", "")}:${randomToken()}]`,
      ),
  };
}
