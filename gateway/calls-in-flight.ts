import type { CallAnswer, CallProposal } from "../manifests/call.ts";
import { limits } from "../manifests/limits.ts";
import { Refusal } from "../manifests/refusals.ts";
import type { Deps } from "./deps.ts";
import { handleCall } from "./handle-call.ts";
import type { EndedCall } from "./signals/signals.ts";
import type { Freeze } from "./store/store.ts";
import { Trace } from "./trace.ts";

/** A proposal with the credential that came with it, from whichever door. */
export interface Incoming {
  readonly bearer: string;
  readonly session: string;
  readonly proposal: CallProposal;
  readonly idempotencyKey?: string;
}

/** A call that has begun: its id at once, its answer when it has ended. */
export interface Flight {
  readonly id: string;
  readonly answer: Promise<CallAnswer>;
}

/** The calls that run in this process: how many there may be, and how they are stopped. */
export class CallsInFlight {
  readonly #deps: Deps;
  readonly #flights = new Map<string, Flight & Incoming & { readonly abort: AbortController }>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @throws {Refusal} `OVERLOADED`. */
  begin(incoming: Incoming): Flight {
    if (this.#flights.size >= limits.callsInFlight) {
      throw new Refusal("OVERLOADED", undefined, { retryAfterSeconds: 1 });
    }
    const abort = new AbortController();
    const id = this.#deps.newId("call");
    const answer = this.#handle(id, incoming, abort.signal);
    this.#flights.set(id, { id, answer, abort, ...incoming });
    return { id, answer };
  }

  /** Stops a call of this session; false where there is none of it in flight. */
  cancel(session: string, id: string): boolean {
    const flight = this.#flights.get(id);
    if (flight?.session !== session) return false;
    flight.abort.abort();
    return true;
  }

  /** Stops what a freeze covers. New calls are stopped by `admit`, in the store. */
  async stop(what: Freeze): Promise<void> {
    for (const flight of [...this.#flights.values()]) {
      if (await this.#isCovered(flight, what)) flight.abort.abort();
    }
  }

  /** Resolves when every call has ended; stops them first. */
  async drain(): Promise<void> {
    for (const { abort } of this.#flights.values()) abort.abort();
    await Promise.all([...this.#flights.values()].map(({ answer }) => answer));
  }

  async #handle(id: string, incoming: Incoming, signal: AbortSignal): Promise<CallAnswer> {
    const { clock } = this.#deps;
    const { session: sessionId, ...rest } = incoming;
    const trace = new Trace(clock.monotonic);
    try {
      const answer = await handleCall(
        { id, at: clock.now(), trace, sessionId, signal, ...rest },
        this.#deps,
      );
      await this.#heed({ id, at: clock.now(), reached: trace.reached, answer });
      return answer;
    } finally {
      this.#flights.delete(id);
    }
  }

  /** Before the answer: whoever gets it proposes nothing more that is covered. */
  async #heed(call: EndedCall): Promise<void> {
    for (const what of await this.#deps.signals.heed(call)) await this.stop(what);
  }

  async #isCovered(flight: Incoming, what: Freeze): Promise<boolean> {
    if (what.kind === "session") return flight.session === what.id;
    if (what.kind === "tool") return flight.proposal.tool === what.id;
    const session = await this.#deps.store.sessions.find(flight.session);
    return session?.principal === what.id;
  }
}
