import type { CallStatus } from "../manifests/call.ts";
import { limits } from "../manifests/limits.ts";
import type { RefusalCode, Ring } from "../manifests/refusals.ts";
import type { Tier } from "../manifests/tier.ts";
import { shorten } from "./conversation.ts";
import { type Action, dollarsSpent, type Run, type StopReason, tokensSpent } from "./run.ts";

/** One line of the agent's standard output, as JSON: each call when its answer is there, then the end. */
export type Progress = CallProgress | EndProgress;

export interface CallProgress {
  readonly event: "call";
  readonly tool: string;
  /** JSON as the model wrote it, with long texts shortened. */
  readonly arguments: string;
  readonly status: CallStatus | "not-proposed" | "failed";
  readonly id?: string;
  readonly ring?: Ring;
  readonly code?: RefusalCode;
  readonly detail?: string;
  readonly approval?: string;
  readonly tier?: Tier;
  readonly findings?: Readonly<Record<string, number>>;
  readonly ms?: number;
}

export interface EndProgress {
  readonly event: "end";
  readonly reason: StopReason;
  readonly detail: string;
  readonly steps: number;
  readonly tokens: number;
  readonly dollars: number;
}

export function callProgress({ call, tool, outcome }: Action): CallProgress {
  const common = {
    event: "call" as const,
    tool,
    arguments: shortenTexts(call.arguments),
  };
  if (outcome.kind !== "answered")
    return { ...common, status: outcome.kind, detail: outcome.detail };
  const { output: _output, label: _label, ...answer } = outcome.answer;
  return { ...common, ...answer, tool };
}

/** So that one line stays a line; what is no JSON is shortened as it is. */
function shortenTexts(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), (_key, value: unknown) =>
      typeof value === "string" ? shorten(value, limits.progressChars) : value,
    );
  } catch {
    return shorten(text, limits.progressChars);
  }
}

export function endProgress(run: Run): EndProgress {
  return {
    event: "end",
    reason: run.stop?.reason ?? "cancelled",
    detail: run.stop?.detail ?? "",
    steps: run.steps.length,
    tokens: tokensSpent(run),
    dollars: dollarsSpent(run),
  };
}
