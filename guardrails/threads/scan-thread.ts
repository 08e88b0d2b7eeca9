import type { Finding } from "../../manifests/finding.ts";
import type { JsonValue } from "../../manifests/json.ts";
import type { Context, DetectorName } from "../detector.ts";
import { detectorsNamed } from "../detectors.ts";
import { scanJson } from "../scan.ts";

/** What a thread is to read, as data alone: detectors are named, and made where they run. */
export interface ScanTask {
  readonly value: JsonValue;
  readonly detectors: readonly DetectorName[];
  readonly context: Context;
}

/** What the thread runs: as `scanJson` on the spot, to the same findings. */
export function scan({ value, detectors, context }: ScanTask): Promise<readonly Finding[]> {
  return scanJson(value, detectorsNamed(detectors), context);
}
