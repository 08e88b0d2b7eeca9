import { containerLimits } from "../../../manifests/container-limits.ts";
import { limits } from "../../../manifests/limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { BrokerEntry } from "../../sandbox.ts";
import type { DoorContext } from "../door-context.ts";

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

/**
 * Notes bytes as they cross the wire. What it gives throws a `Refusal` beyond `mostBytes`; a portion
 * costs as much as a small one does, however little is in it.
 */
export function counter(line: Line, mostBytes: number): (bytes: number) => void {
  let cost = 0;
  return (bytes) => {
    line.bytes += bytes;
    cost += Math.max(bytes, containerLimits.egressPortionBytes);
    if (cost > mostBytes) {
      throw new Refusal("EGRESS_FAILED", "more went through than may");
    }
  };
}

/** Books what failed, and returns what is to be thrown. */
export function booked(line: Line, { book, signal }: DoorContext, error: unknown): unknown {
  const told = signal.aborted ? new Refusal("CANCELLED", undefined, { cause: error }) : error;
  const code = told instanceof Refusal ? told.code : "INTERNAL";
  book({ ...line, code } satisfies BrokerEntry);
  return told;
}
