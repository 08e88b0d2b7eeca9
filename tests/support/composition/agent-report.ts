import type { CallProposal } from "../../../manifests/call.ts";

export interface Way {
  readonly protocol: "tcp" | "udp" | "unix";
  /** A path, of a unix socket. */
  readonly host: string;
  readonly port: number;
}

export interface Told {
  readonly gateway: string;
  readonly token: string;
  readonly session: string;
  readonly proposals: readonly CallProposal[];
  readonly ways: readonly Way[];
  readonly names: readonly string[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** How long a way is tried. */
  readonly patienceMs: number;
}

/** Of each list, what it got. */
export interface Report {
  readonly calls: readonly {
    readonly tool: string;
    readonly status: string;
    readonly tier?: string;
    readonly code?: string;
  }[];
  readonly reached: readonly Way[];
  readonly resolved: readonly string[];
  readonly read: readonly string[];
  readonly written: readonly string[];
  readonly interfaces: readonly string[];
  /** Programs that it sees run. */
  readonly programs: readonly string[];
}
