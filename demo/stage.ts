import type { OpenedSession } from "../agent/answers.ts";
import type { SessionWish } from "../agent/client.ts";
import type { Progress } from "../agent/progress.ts";
import type { AgentDocument } from "../agent/settings.ts";
import type { Places } from "./places.ts";

/** Where the demo is played: a gateway with a deployment, an agent, and the people around them. */
export interface Stage {
  readonly places: Places;
  /** Where the agent proposes calls. */
  readonly agentsUrl: string;
  standing(): Promise<Standing>;
  /** As the user's application does it. */
  openSession(wish: SessionWish): Promise<Omit<OpenedSession, "expiresAt">>;
  /**
   * Runs the agent as a program of its own, and tells of each line that it prints. Resolves when it
   * has ended, with its exit code; `signal` ends it at once. The model's address is this process's.
   */
  runAgent(
    settings: AgentDocument,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<number>;
  /** As a person does it. */
  approve(approval: string): Promise<void>;
  /** Reads the whole record again; nothing is called afterwards. */
  audit(): Promise<AuditResult>;
}

/** What the gateway's tiers stand on. */
export interface Standing {
  /** Tiers that run without walls; empty where all is as it should be. */
  readonly unwalled: readonly string[];
  /** Why tiers are not offered; empty where all are. */
  readonly refused: readonly string[];
}

export interface AuditResult {
  readonly records: number;
  readonly verified: boolean;
}
