import type { JsonObject } from "../manifests/json.ts";
import type { Admitted, Checked, Identified, Inspected, Judged, Ran, Traced } from "./state.ts";

/** The controls that each call has to pass, in order. Coverage is checked against this list. */
export const controls = [
  "identify",
  "schema",
  "input-guard",
  "provenance",
  "policy",
  "grant",
  "sandbox",
  "output-guard",
] as const;
export type Control = (typeof controls)[number];

export interface TraceEntry {
  readonly control: Control;
  /** Milliseconds since the call was received. */
  readonly ms: number;
  readonly facts: JsonObject;
}

/** The rungs a call has reached; the boundary reads from it what a refused call had got to. */
export type Reached = Partial<Identified & Checked & Traced & Judged & Admitted & Ran & Inspected>;

/**
 * The one shared, append-only part of a call's state. The record, the log line and `audit show` are
 * views of it. Facts are flat values without argument or output text.
 */
export class Trace {
  readonly entries: TraceEntry[] = [];
  reached: Reached = {};
  readonly #startedAt: number;
  readonly #monotonic: () => number;

  /** @param monotonic milliseconds from any fixed point. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#startedAt = monotonic();
  }

  /** Milliseconds since the call was received. */
  get ms(): number {
    return Math.round((this.#monotonic() - this.#startedAt) * 1_000) / 1_000;
  }

  note(control: Control, facts: JsonObject): void {
    this.entries.push({ control, ms: this.ms, facts });
  }

  /** Says that `state` has been reached, and hands it on. */
  reach<T extends Reached>(state: T): T {
    this.reached = state;
    return state;
  }

  /** The controls of `wanted` that have left no entry. */
  missing(wanted: readonly Control[]): readonly Control[] {
    return wanted.filter((control) => !this.entries.some((entry) => entry.control === control));
  }
}
