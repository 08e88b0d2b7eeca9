import type { Session, SessionRequest } from "../manifests/session.ts";
import type { CallsInFlight } from "./calls-in-flight.ts";
import type { Config } from "./config/config.ts";
import type { Deps } from "./deps.ts";
import type { Actor } from "./store/store.ts";

/** A gateway that is ready to take calls, without a door yet: HTTP and the command line share it. */
export interface Gateway {
  readonly config: Config;
  readonly deps: Deps;
  readonly calls: CallsInFlight;
  /** Opens a session and the token that is good for it alone; the token is shown this once. */
  openSession(request: SessionRequest, by: Actor): Promise<OpenedSession>;
  /** Stops calls in flight, lets them settle, signs the last checkpoint, ends all workers. */
  close(): Promise<void>;
}

export interface OpenedSession {
  readonly session: Session;
  readonly token: string;
}
