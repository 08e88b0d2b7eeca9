import type { Grant } from "../../../manifests/grant.ts";
import { joinLabels, type Label } from "../../../manifests/label.ts";
import type { Refusal } from "../../../manifests/refusals.ts";
import type { Broker, BrokerDoor } from "../../broker/broker.ts";
import { type Failed, failed } from "../../end.ts";
import type { SandboxFailure, SandboxOutput, SandboxResult } from "../../sandbox.ts";
import type { Launched } from "../link/launcher.ts";
import { codeOf, type Verdict } from "./verdict.ts";

export interface Admitted {
  readonly grant: Grant;
  readonly signal: AbortSignal;
}

export interface DoorDeps {
  readonly broker: Broker;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** What is known of a call when its program has nothing to say to it any more. */
export interface Held {
  readonly verdict: Verdict;
  readonly log: string;
  readonly cpuMs: number;
  /** Of what the program knew from calls before; the door knows what it read in this one. */
  readonly known?: Label;
  /** Absent where none was started. */
  readonly ranIn?: Pick<Launched, "container" | "image">;
}

/** Nothing that was asked is under way any more when it resolves, and nothing more is served. */
export type Shut = () => Promise<void>;

/** Runs one call behind a door of its own, which is shut when it resolves. */
export async function throughDoor(
  { grant, signal }: Admitted,
  { broker, now }: DoorDeps,
  hold: (door: BrokerDoor, shut: Shut) => Promise<Held>,
): Promise<SandboxResult> {
  const startedAt = now();
  const stop = new AbortController();
  const door = broker.open(grant, AbortSignal.any([signal, stop.signal]));
  const shut = async (): Promise<void> => {
    stop.abort(over);
    await door.close();
  };
  try {
    const held = await hold(door, shut);
    await shut();
    return resultOf(held, door, now() - startedAt);
  } finally {
    await shut();
  }
}

/** A reason of our own: the default one is an exception, with a stack, for each call. */
const over = "the call is over";

function resultOf(held: Held, door: BrokerDoor, wallMs: number): SandboxResult {
  const { verdict, log, cpuMs, known, ranIn } = held;
  const outputBytes = verdict.kind === "output" ? Buffer.byteLength(verdict.output) : 0;
  return {
    ...settled(verdict, door),
    usage: { wallMs, cpuMs, outputBytes },
    requests: door.entries,
    log: door.redact(log),
    read: known ? joinLabels(door.read, known) : door.read,
    ...(ranIn && { ranIn: { container: ranIn.container, image: ranIn.image } }),
  };
}

type Settled =
  | Pick<SandboxOutput, "kind" | "output">
  | Pick<SandboxFailure, "kind" | "code" | "detail" | "signal">;

function settled(verdict: Verdict, door: BrokerDoor): Settled {
  switch (verdict.kind) {
    case "output":
      return { kind: "output", output: verdict.output };
    case "error":
      return { kind: "failed", code: codeOf(verdict.code, door.entries), detail: verdict.detail };
    case "failed":
      return verdict;
  }
}

/** One that spoke before it was asked is as bad as one that breaks its protocol. */
export function refused({ code, message }: Refusal): Failed {
  return {
    ...failed(code, message),
    ...(code === "SANDBOX_CRASH" && { signal: "protocol" as const }),
  };
}
