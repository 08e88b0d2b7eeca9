import type { DetectorName } from "../guardrails/detector.ts";
import { detectorsNamed } from "../guardrails/detectors.ts";
import { defuseJson } from "../guardrails/output/defuse-json.ts";
import { redactJson } from "../guardrails/redact.ts";
import { scanJson, scannableChars } from "../guardrails/scan.ts";
import type { ScanThreads } from "../guardrails/threads/scan-threads.ts";
import { scanLimits } from "../manifests/scan-limits.ts";
import type { Guard } from "./deps.ts";

export interface GuardParts {
  /** Read what is large. */
  readonly threads: Pick<ScanThreads, "scan">;
  /** Values that the gateway holds itself, as they are now. */
  readonly held: () => readonly string[];
}

/** The detectors of one ring. */
export function createGuard(names: readonly DetectorName[], { threads, held }: GuardParts): Guard {
  const detectors = detectorsNamed(names);
  return {
    detectors: detectors.map(({ id }) => id),
    async scan(value, seen) {
      const context = { ...seen, held: held() };
      return scannableChars(value) > scanLimits.hereChars
        ? await threads.scan({ value, detectors: names, context })
        : await scanJson(value, detectors, context);
    },
    redact: redactJson,
    defuse: (value, heard) =>
      names.includes("active") ? defuseJson(value, heard) : { value, changed: {} },
  };
}
