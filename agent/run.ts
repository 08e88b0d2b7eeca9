import type { CallAnswer } from "../manifests/call.ts";

/** One task for the agent. */
export interface AgentTask {
  readonly session: string;
  /** What the user said; the host opened the session with the same text. */
  readonly text: string;
  readonly bounds: Bounds;
}

/** Where a run ends by itself, whatever the model wants. */
export interface Bounds {
  readonly steps: number;
  /** Of prompts and answers together. */
  readonly tokens: number;
  readonly seconds: number;
  readonly dollars: number;
  /** Steps in a row that brought nothing new. */
  readonly repeats: number;
}

/** A run of the loop. The steps are the state and the trace in one: all else is read off them. */
export interface Run {
  readonly task: AgentTask;
  readonly steps: readonly Step[];
  readonly stop?: Stop;
}

export interface Step extends Turn {
  readonly actions: readonly Action[];
}

/** One answer of the model, or why there is none. */
export interface Turn {
  readonly text: string;
  readonly calls: readonly ModelCall[];
  readonly tokens: number;
  readonly dollars: number;
  readonly failure?: string;
}

/** A tool call as the model wrote it; nothing about it has been checked. */
export interface ModelCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** One call of the model and what came of it. */
export interface Action {
  readonly call: ModelCall;
  readonly tool: string;
  readonly outcome: Outcome;
}

export type Outcome =
  | { readonly kind: "answered"; readonly answer: CallAnswer }
  /** Never sent to the gateway: nothing that could be sent. */
  | { readonly kind: "not-proposed"; readonly detail: string }
  /** The gateway gave no answer. */
  | { readonly kind: "failed"; readonly detail: string };

export type StopReason =
  | "finished"
  | "cancelled"
  | "model-failed"
  | "gateway-failed"
  | "steps"
  | "tokens"
  | "seconds"
  | "dollars"
  | "no-progress";

export interface Stop {
  readonly reason: StopReason;
  /** The model's last words, or what failed. */
  readonly detail: string;
}

export function tokensSpent(run: Run): number {
  return run.steps.reduce((sum, step) => sum + step.tokens, 0);
}

export function dollarsSpent(run: Run): number {
  return run.steps.reduce((sum, step) => sum + step.dollars, 0);
}
