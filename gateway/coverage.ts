import { Refusal } from "../manifests/refusals.ts";
import { type Control, controls, type Trace } from "./trace.ts";

/**
 * Hands `state` on if every control of `wanted` has left its entry in the trace. A control that was
 * configured and did not run has allowed nothing.
 *
 * @throws {Refusal} `CONTROL_SKIPPED`.
 */
export function covered<T extends { readonly trace: Trace }>(
  state: T,
  wanted: readonly Control[],
): T {
  const missing = state.trace.missing(wanted);
  if (missing.length > 0)
    throw new Refusal("CONTROL_SKIPPED", `did not run: ${missing.join(", ")}`);
  return state;
}

export function controlsBefore(control: Control): readonly Control[] {
  return controls.slice(0, controls.indexOf(control));
}
