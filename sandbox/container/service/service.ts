import type { Refusal, RefusalCode } from "../../../manifests/refusals.ts";
import type { BrokerDoor } from "../../broker/broker.ts";
import type { EgressProxy } from "../../broker/proxy/egress-proxy.ts";
import type { Ended, Launcher, LaunchRequest } from "../link/launcher.ts";

/**
 * A server in a container that outlives single calls: it is kept running, in one container after
 * another. Who speaks a protocol with one, line by line, starts it.
 */
export interface Service {
  readonly state: ServiceState;
  /**
   * Resolves with the instance that runs, as soon as one does.
   *
   * @throws {Refusal} `CANCELLED` where `signal` comes first, `SANDBOX_UNAVAILABLE` where the service
   * is closed.
   */
  ready(signal: AbortSignal): Promise<ServiceInstance>;
  /** Resolves when it is gone, and nothing of it runs. It is not started again. */
  close(): Promise<void>;
}

/** One container, from its start to its end; the next one knows nothing of it. */
export interface ServiceInstance {
  /** To its standard input, with a line end. */
  send(line: string): void;
  /** What it says from now on, as it comes; one listener at a time. */
  onOutput(listener: Listener): void;
  /** Ends it. Only the first reason counts. */
  fail(reason: Refusal): void;
  /** Aborted when it has ended, or is ended. */
  readonly signal: AbortSignal;
  /** Why; resolves then. */
  readonly over: Promise<ServiceEnd>;
  /** The engine's ids. */
  readonly container: string;
  readonly image: string;
  /**
   * While `use` runs, what the service asks of its way out is asked at this door; at any other time,
   * and where there is none, it gets nothing. So it has the grant, the limits and the record of the
   * call that it serves. Those who come meanwhile wait their turn.
   *
   * @throws {Refusal} `CANCELLED` where `signal` comes before the turn.
   */
  during<T>(door: BrokerDoor | undefined, use: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export type Listener = (stream: "stdout" | "stderr", bytes: Uint8Array) => void;

export interface ServiceState {
  /** `pausing` after an end that nobody asked for, until the next start. */
  readonly phase: "starting" | "running" | "pausing" | "closed";
  /** Ends since it was last healthy for a while: one that only grows is a crash loop. */
  readonly failures: number;
  /** Of the last instance that ended. */
  readonly lastEnd?: ServiceEnd;
}

export interface ServiceEnd {
  readonly code: RefusalCode;
  /** For operators: the program's own words may stand in it. */
  readonly detail: string;
  /** Where it ended by itself. */
  readonly ended?: Ended;
}

export interface ServiceOptions {
  readonly launcher: Pick<Launcher, "launch">;
  /** Where the request asks for none, no way out is opened. */
  readonly proxy: Pick<EgressProxy, "open">;
  readonly request: Omit<LaunchRequest, "slot">;
  /**
   * Asked of each instance when it has started, and every `serviceHealthMs`, in a turn of its own; what it does not affirm
   * before `signal` is aborted counts as no. The first answer makes it ready, so a protocol may say
   * hello in it.
   */
  isHealthy(instance: ServiceInstance, signal: AbortSignal): Promise<boolean>;
  /** Told of what was thrown and is no refusal; the instance has been ended by then. */
  onBug(error: unknown): void;
  /** Waits; rejects where `signal` is aborted. The machine's clock where it is left out. */
  readonly wait?: Wait;
}

export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;
