import { limits } from "../../../manifests/limits.ts";

/** What has gathered in a worker over its calls. */
export interface Wear {
  readonly peakBytes: number;
  readonly cpuMs: number;
  /** Bundles that it keeps; ASCII, as the bundler writes it. */
  readonly bundles: Iterable<string>;
}

/** True where a worker has gathered so much that it should serve no further call. */
export function isWorn({ peakBytes, cpuMs, bundles }: Wear): boolean {
  let codeBytes = 0;
  for (const code of bundles) codeBytes += code.length;
  return (
    peakBytes > limits.workerPeakBytes ||
    codeBytes > limits.workerCodeBytes ||
    cpuMs > limits.workerCpuSecondsSoft * 1_000
  );
}
