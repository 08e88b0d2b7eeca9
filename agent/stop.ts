import { sameness } from "./conversation.ts";
import {
  type Action,
  type Bounds,
  dollarsSpent,
  type Run,
  type Step,
  type Stop,
  tokensSpent,
} from "./run.ts";

/** Why the run ends here, or `undefined` where it goes on. What failed outranks what ran out. */
export function stopOf(run: Run, signal: AbortSignal): Stop | undefined {
  const { bounds } = run.task;
  const last = run.steps.at(-1);
  if (signal.aborted) return interrupted(signal, bounds);
  if (last === undefined) return undefined;
  if (last.failure !== undefined) return { reason: "model-failed", detail: last.failure };
  const failed = last.actions.find(({ outcome }) => outcome.kind === "failed");
  if (failed?.outcome.kind === "failed") {
    return { reason: "gateway-failed", detail: failed.outcome.detail };
  }
  if (last.calls.length === 0) return { reason: "finished", detail: last.text };
  if (run.steps.length >= bounds.steps) return reached("steps", bounds.steps);
  if (tokensSpent(run) >= bounds.tokens) return reached("tokens", bounds.tokens);
  if (dollarsSpent(run) >= bounds.dollars) return reached("dollars", bounds.dollars);
  if (barrenSteps(run.steps) >= bounds.repeats) return reached("no-progress", bounds.repeats);
  return undefined;
}

/** The run's own deadline aborts with a `TimeoutError`, its owner with anything else. */
function interrupted(signal: AbortSignal, bounds: Bounds): Stop {
  const isDeadline = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
  if (isDeadline) return reached("seconds", bounds.seconds);
  return { reason: "cancelled", detail: "the run was cancelled" };
}

function reached(reason: Stop["reason"], bound: number): Stop {
  return { reason, detail: `the bound of ${bound} was reached` };
}

/** How many steps at the end did nothing but get known answers to known calls. */
function barrenSteps(steps: readonly Step[]): number {
  const known = new Set<string>();
  let barren = 0;
  for (const { actions } of steps) {
    const marks = actions.map(mark);
    barren = marks.every((one) => known.has(one)) ? barren + 1 : 0;
    for (const one of marks) known.add(one);
  }
  return barren;
}

function mark(action: Action): string {
  return JSON.stringify([action.tool, action.call.arguments, sameness(action)]);
}
