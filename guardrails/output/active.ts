import type { Finding } from "../../manifests/finding.ts";
import type { Detector } from "../detector.ts";
import { carriedIn } from "./carried.ts";
import { defuse } from "./defuse.ts";

/**
 * Finds what a terminal, a browser or a viewer of Markdown would act on instead of showing it:
 * `active:<kind>`, one finding for each place that `defuse` changes; and bytes that are a program, an
 * archive, or not what they are said to be, which stay. The text is read as it is written, for so it
 * is shown: what is encoded in it is not rendered.
 */
export const activeDetector: Detector = {
  id: "active",
  detect({ text, path }) {
    const findings = [...defuse(text).edits, ...carriedIn(text)].map(
      ({ kind, start, end }): Finding => ({
        ...{ detector: "active", kind, path, start, end },
        score: 1,
      }),
    );
    return Promise.resolve(findings);
  },
};
