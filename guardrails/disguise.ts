import type { Finding } from "../manifests/finding.ts";
import type { Detector } from "./detector.ts";

/** Finds characters that hide or reorder text: one finding a run, `disguise:<kind>`. */
export const disguiseDetector: Detector = {
  id: "disguise",
  detect({ path, views }) {
    const findings = views().disguises.map(
      ({ kind, start, end }): Finding => ({
        detector: "disguise",
        kind: `disguise:${kind}`,
        path,
        start,
        end,
        score: 1,
      }),
    );
    return Promise.resolve(findings);
  },
};
