import type { CallAnswer } from "../../manifests/call.ts";
import { limits } from "../../manifests/limits.ts";
import type { Flight } from "../calls-in-flight.ts";

/** A call whose proposer did not wait for its answer. */
export interface UnwaitedCall {
  /** Who proposed it, and may ask how it ended. */
  readonly actor: string;
  readonly tool: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Where it ended and the store does not hold how under this id. */
  readonly answer?: CallAnswer;
  /** Where it ended as another call had: the id of that one. */
  readonly repeats?: string;
}

/**
 * What the store does not know of calls that nobody waited for: that one runs and has not been
 * admitted yet, that it was refused before anybody knew whose session it was, and that it repeated
 * an earlier call. Kept in memory, small, the oldest forgotten first.
 */
export class UnwaitedCalls {
  readonly #calls = new Map<string, UnwaitedCall>();

  add({ id, answer }: Flight, call: UnwaitedCall): void {
    this.#calls.set(id, call);
    const [oldest] = this.#calls.size > 2 * limits.callsInFlight ? this.#calls.keys() : [];
    if (oldest !== undefined) this.#calls.delete(oldest);
    void answer.then((ended) => this.#end(id, call, ended));
  }

  find(id: string): UnwaitedCall | undefined {
    return this.#calls.get(id);
  }

  #end(id: string, call: UnwaitedCall, answer: CallAnswer): void {
    this.#calls.delete(id);
    if (answer.id !== id) this.#calls.set(id, { ...call, repeats: answer.id });
    else if (answer.status === "refused") this.#calls.set(id, { ...call, answer });
  }
}
