import type { CallAnswer } from "../../manifests/call.ts";
import type { Fields } from "../../manifests/field-labels.ts";
import type { Label } from "../../manifests/label.ts";
import type { Actor, Answerer } from "./store.ts";

/** An output to be withheld, and what the agent is told when a person has looked at it. */
export interface NewWithheld {
  /** A reference, or the approval that a person is asked for. */
  readonly id: string;
  readonly label: Label;
  /** Canonical JSON. */
  readonly output: string;
  /** Whether its values come from here, once it is released; else they have no source. */
  readonly isSource: boolean;
  readonly fields?: Fields;
  /** The families of what was found. */
  readonly because: readonly string[];
  readonly expiresAt: number;
  readonly released: CallAnswer;
  readonly denied: CallAnswer;
}

export const withheldStatuses = ["held", "released", "denied", "expired"] as const;

export interface Withheld extends Pick<NewWithheld, "id" | "label" | "because" | "expiresAt"> {
  readonly call: string;
  readonly session: string;
  readonly principal: string;
  readonly tool: string;
  readonly bytes: number;
  readonly heldAt: number;
  readonly status: (typeof withheldStatuses)[number];
  readonly answeredBy?: Actor;
}

export interface WithheldStore {
  /** With the output, canonical JSON; that of one that was denied is gone. */
  find(id: string): Promise<(Withheld & { readonly output?: string }) | undefined>;
  /** Newest first, at most `limits.listRows`. */
  list(): Promise<readonly Withheld[]>;
  /**
   * From now on the agent is told the output of the call, and the session has read it.
   *
   * @throws {Refusal} `NOT_FOUND` where there is no such reference; `APPROVAL_MISMATCH` where it is
   * released or expired already, or where `by` is a credential of the principal that would read it.
   */
  release(id: string, by: Answerer): Promise<Withheld>;
}
