import type { CallAnswer } from "../manifests/call.ts";
import type { Refusal } from "../manifests/refusals.ts";
import type { Inspected } from "./state.ts";
import type { Approval } from "./store/store.ts";

/** How a call ended, before it is settled. */
export type End =
  | { readonly kind: "completed"; readonly state: Inspected }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** A person is asked. `approval` is new, or waits already. */
  | { readonly kind: "pending"; readonly approval: Approval; readonly isNew: boolean }
  /** The idempotency key was used for the same call before: its answer, once more. */
  | { readonly kind: "repeated"; readonly answer: CallAnswer };

/** Thrown by a stage at which a call ends without having been refused. */
export class Ended extends Error {
  override readonly name = "Ended";
  readonly end: End;

  constructor(end: End) {
    super(end.kind);
    this.end = end;
  }
}
