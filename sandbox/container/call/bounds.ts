import { containerLimits } from "../../../manifests/container-limits.ts";
import type { Grant } from "../../../manifests/grant.ts";

/** Bytes of a program's answer, with room for escapes in it and for the files that it may leave. */
export function answerBytesOf({ limits, permissions }: Grant): number {
  const { answerEscapes, answerRestBytes, scratchBytes, scratchFiles } = containerLimits;
  const output = limits.outputKb * 1024 * answerEscapes + answerRestBytes;
  const writes = permissions.fs.some(({ access }) => access === "write");
  return writes
    ? output + Math.ceil(scratchBytes / 3) * 4 + scratchFiles * answerRestBytes
    : output;
}

/** A call waits for a container as long as it may run, within what a start takes. */
export function waitMsOf({ limits }: Grant): number {
  const { containerStartMs, containerWaitMs } = containerLimits;
  return Math.min(Math.max(limits.wallMs, containerWaitMs), containerStartMs);
}
