import type { Digest } from "../manifests/digest.ts";
import type { Grant } from "../manifests/grant.ts";
import type { Label } from "../manifests/label.ts";
import type { RefusalCode } from "../manifests/refusals.ts";
import type { Tier } from "../manifests/tier.ts";

/**
 * One place where tools run. The gateway knows nothing more of a tier than this, so that one policy
 * serves them all.
 */
export interface Sandbox {
  readonly tier: Tier;
  /**
   * Runs one call and resolves with how it ended; rejects only for a bug of ours. When it resolves
   * nothing of the call runs any more, and nothing it asked for is still under way.
   */
  run(job: SandboxJob, signal: AbortSignal): Promise<SandboxResult>;
  /** Whether the tier can be offered here, with what was measured. */
  probe(): Promise<Readiness>;
  /** Makes ready what the first calls will need. Rejects for nothing: `run` tells what is missing. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

export interface SandboxJob {
  readonly grant: Grant;
  /**
   * Bundled JavaScript that leaves `run` on its global `tool`; its hash is in the grant's pin. Empty
   * where a program of the grant's image runs.
   */
  readonly code: string;
  /** Canonical JSON of the arguments. */
  readonly input: string;
  /** Of a call that is run again: it is answered out of this, and no door is opened for it. */
  readonly recording?: Recording;
}

/**
 * What a call was told beside its code and its arguments, and what it asked for. Texts of strangers
 * are in it.
 */
export interface Recording {
  /** The version of what ran the code: another one may do other things with it. */
  readonly engine: string;
  /** What the tool was told at the start: JSON text, the tier's own. */
  readonly start: string;
  /** Every request, in order. */
  readonly asked: readonly Asked[];
  /** What came back, in the very portions; portion `n` came after the requests of turn `n`. */
  readonly given: readonly Given[];
  /** False where it grew beyond `limits.recordingBytes`; nothing that was given is kept then. */
  readonly isWhole: boolean;
  /** Of all that the tool logged. */
  readonly log: Digest;
  /** Absent where the tool was ended from outside. */
  readonly end?: SaidEnd;
}

/** How a tool ended, in its own words. */
export interface SaidEnd {
  readonly kind: "output" | "error" | "failed";
  /** Of the words. */
  readonly digest: Digest;
}

export interface Asked {
  /** Requests of one turn were asked together. */
  readonly turn: number;
  readonly name: string;
  /** Of the JSON text of its arguments. */
  readonly digest: Digest;
}

export interface Given {
  /** The tool's clock from there on, in milliseconds since 1970. */
  readonly now: number;
  /** JSON text, the tier's own. */
  readonly answers: string;
}

export type SandboxResult = SandboxOutput | SandboxFailure;

export interface SandboxOutput extends Ran {
  readonly kind: "output";
  /** JSON text, not yet parsed: it comes from the guest. */
  readonly output: string;
}

export interface SandboxFailure extends Ran {
  readonly kind: "failed";
  readonly code: RefusalCode;
  /** Told to the agent: at most 500 characters, no path or stack of ours. */
  readonly detail: string;
  /** Of a `SANDBOX_CRASH`, what the worker did; for the record, not for the agent. */
  readonly signal?: Signal;
}

/** It sent what no worker of ours sends, it died unasked, or it spoke when its call was over. */
export type Signal = "protocol" | "died" | "late-frame";

/** What is known of a run however it ended. */
export interface Ran {
  readonly usage: Usage;
  /** What the tool asked of the broker, in order, refused requests too. */
  readonly requests: readonly BrokerEntry[];
  /** What the tool logged, capped. */
  readonly log: string;
  /** The label of everything that the broker handed in; clean where nothing was read. */
  readonly read: Label;
  /** Absent where the tool never began, and where the tier keeps none. */
  readonly recording?: Recording;
  /** The engine's ids of what it ran in; absent where it was no container, or none was started. */
  readonly ranIn?: { readonly container: string; readonly image: string };
}

export interface Usage {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly outputBytes: number;
}

/**
 * One line of the broker's book. `target` is a canonical URL without secrets, a workspace path, or
 * the name of a secret.
 */
export interface BrokerEntry {
  readonly door: "files" | "fetch" | "secrets";
  readonly action: string;
  readonly target: string;
  readonly bytes: number;
  /** Absent where the request was granted and done. */
  readonly code?: RefusalCode;
  /** The address that was dialled. */
  readonly address?: string;
  /** Names of the secrets that were put into the request. */
  readonly secrets?: readonly string[];
}

export interface Readiness {
  readonly tier: Tier;
  readonly offered: boolean;
  /** What builds the walls, and all that could on this machine, the first choice first. */
  readonly launcher?: string;
  readonly launchers: readonly string[];
  /** False where the tier is offered without any walls, which development mode alone allows. */
  readonly isWalled: boolean;
  readonly walls: readonly Wall[];
}

/** One wall of a tier and what was measured of it. */
export interface Wall {
  readonly name: string;
  /** Without it the tier is not offered. What stands above the floor is used where the host has it. */
  readonly floor: boolean;
  readonly holds: boolean;
  readonly measured: string;
}
