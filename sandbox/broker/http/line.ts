import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { BrokerEntry } from "../../sandbox.ts";
import type { DoorContext } from "../create-broker.ts";

/** What is booked of one request; it fills up while the request is under way. */
export interface Line {
  readonly door: "fetch";
  readonly action: string;
  target: string;
  bytes: number;
  address?: string;
  secrets?: readonly string[];
}

export function lineOf(action: string, target: string): Line {
  return { door: "fetch", action, target: target.slice(0, limits.urlChars), bytes: 0 };
}

/** Books what failed, and returns what is to be thrown. */
export function booked(line: Line, { book, signal }: DoorContext, error: unknown): unknown {
  const told = signal.aborted ? new Refusal("CANCELLED", undefined, { cause: error }) : error;
  const code = told instanceof Refusal ? told.code : "INTERNAL";
  book({ ...line, code } satisfies BrokerEntry);
  return told;
}
