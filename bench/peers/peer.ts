/** One way to run a function that somebody else wrote: JSON in, JSON out. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** What each call has to itself. */
  readonly fresh: string;
  /** What it does not do; what can be tried is tried beside it. */
  readonly lacks: readonly string[];
  /** `code` is a script with a function `run(args)`. Resolves when it can be called. */
  start(code: string): Promise<RunningPeer>;
}

export interface RunningPeer {
  /** Rejects where the peer, or the guest itself, ended the call with an error. */
  call(input: string): Promise<string>;
  /** The process that takes the calls; absent where each call has one of its own. */
  readonly host?: number | undefined;
  /** Its outermost processes that run now. */
  pids(): readonly number[];
  /** Resolves when none of its processes is left. */
  stop(): Promise<void>;
}

/** The only thing of the caller's environment that a peer is given, for guests to look for. */
export const canary = { name: "PEER_CANARY", value: "seen" } as const;
