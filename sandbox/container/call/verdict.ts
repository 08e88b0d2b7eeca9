import type { JsonValue } from "../../../manifests/json.ts";
import { isRefusalCode, type RefusalCode } from "../../../manifests/refusals.ts";
import { type Failed, failed } from "../../end.ts";
import type { BrokerEntry } from "../../sandbox.ts";
import type { Ended } from "../link/launcher.ts";
import type { Said } from "./talk.ts";

/** How a call ended; nothing changes it any more. */
export type Verdict = Spoken | Failed;

export type Spoken =
  | { readonly kind: "output"; readonly output: string; readonly files: Said["files"] }
  | { readonly kind: "error"; readonly code: string; readonly detail: string };

export function verdictOfSaid(said: Said, outputBytes: number): Verdict {
  if (said.error !== undefined) {
    return { kind: "error", code: said.code ?? "", detail: said.error.slice(0, 500) };
  }
  const output = JSON.stringify(said.output as JsonValue);
  if (Buffer.byteLength(output) > outputBytes) return failed("OUTPUT_LIMIT");
  return { kind: "output", output, files: said.files };
}

export interface Unsaid {
  /** Whether an answer had begun. */
  readonly hasBegun: boolean;
  /** What it said on its standard error last. */
  readonly lastLine: string;
}

/** Of a program that ended, or was ended by its system, before it had answered. */
export function verdictOfEnd(ended: Ended, { hasBegun, lastLine }: Unsaid): Verdict {
  if (ended.lost) return failed("ENGINE_UNAVAILABLE");
  if (ended.isOutOfMemory) return failed("OOM");
  const { exitCode = 0 } = ended;
  if (exitCode === signalled + processorTime) return failed("TIMEOUT_CPU");
  if (exitCode > signalled && exitCode <= signalled + signals) {
    return { ...failed("SANDBOX_CRASH"), signal: "died" };
  }
  if (hasBegun) return failed("OUTPUT_CUT");
  if (exitCode === 0) return failed("OUTPUT_UNREADABLE", "the tool's program said nothing");
  const detail = lastLine || `the tool's program ended with exit code ${exitCode}`;
  return { kind: "error", code: "", detail: detail.slice(0, 500) };
}

/** As shells and engines count: what a signal ended has this and the signal's number. */
const signalled = 128;
const signals = 64;
const processorTime = 24;

/** The broker's word where the broker really said it, so that no tool can blame the gateway. */
export function codeOf(code: string, entries: readonly BrokerEntry[]): RefusalCode {
  const isBrokers = isRefusalCode(code) && entries.some((entry) => entry.code === code);
  return isBrokers ? code : "GUEST_ERROR";
}
