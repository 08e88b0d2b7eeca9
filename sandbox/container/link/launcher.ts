import type { Digest } from "../../../manifests/digest.ts";
import type { ContainerTier } from "../../../manifests/tier.ts";

/**
 * Whoever holds the engine's socket is root on its host, so the gateway does not: it asks this
 * process, which builds each container from data of its own. Nothing of the engine's can be said in
 * a request.
 */
export interface Launcher {
  /**
   * Starts a container that waits on its standard input.
   *
   * @throws {Refusal} `ENGINE_UNAVAILABLE`, `IMAGE_UNAVAILABLE`, `IMAGE_MISMATCH`,
   * `SANDBOX_UNAVAILABLE`, `CANCELLED`; of a mount `FILES_DENIED`, `FILES_FAILED`; `INTERNAL` for a bug
   * of the launcher's, of which its own output says more.
   */
  launch(request: LaunchRequest, signal: AbortSignal): Promise<Launched>;
  /** What the engine is and has. @throws {Refusal} `ENGINE_UNAVAILABLE`. */
  facts(): Promise<EngineFacts>;
  /** Ends every container that was launched, and resolves when they are gone. */
  close(): Promise<void>;
}

export interface LaunchRequest {
  /** Of the tool; the launcher knows by it what to run. */
  readonly pin: Digest;
  /** Thirty-two hexadecimal digits, new for each container. */
  readonly slot: string;
  readonly tier: ContainerTier;
  readonly limits: ContainerLimits;
  /** Files or folders beneath the workspace that it sees, read only, at `/workspace/PATH`. */
  readonly mounts: readonly string[];
  /** Whether the folder of the slot's way out is mounted at `/run/ringward`. */
  readonly network: boolean;
}

/** Each is lowered to the profile's and the manifest's, never raised. */
export interface ContainerLimits {
  readonly memoryMb: number;
  readonly cpuMs: number;
}

/** One container. When the connection to the launcher ends it is killed and removed. */
export interface Launched {
  /** The engine's ids. */
  readonly container: string;
  readonly image: string;
  /** To its standard input. */
  write(bytes: Uint8Array): void;
  endInput(): void;
  /** What it says, as it comes; set before anything is written. */
  onOutput(listener: (stream: "stdout" | "stderr", bytes: Uint8Array) => void): void;
  /** Resolves when it has ended by itself or was killed; never rejects. */
  readonly ended: Promise<Ended>;
  /**
   * Resolves when it is gone, and nothing of it runs; or when the launcher or the engine is lost,
   * which end it as soon as they are back.
   */
  kill(): Promise<void>;
}

export interface Ended {
  /** As the engine tells it; 128 + n for signal n. Absent where nobody knows any more. */
  readonly exitCode?: number;
  readonly isOutOfMemory: boolean;
  /** What its processes used of the processor during its call; absent where nobody saw it. */
  readonly cpuMs?: number;
  /** Absent where the engine told how it ended: the engine or the launcher was lost. */
  readonly lost?: "engine" | "launcher";
}

export interface EngineFacts {
  readonly engine: string;
  readonly kernel: string;
  readonly cgroup: "1" | "2";
  readonly runtimes: readonly RuntimeFacts[];
  /** Ids of the images of the tools that this launcher knows, as far as they are there. */
  readonly images: readonly string[];
}

export interface RuntimeFacts {
  readonly tier: ContainerTier;
  readonly name: string;
  /** Absent where it does not say. */
  readonly version?: string;
}
