import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import { StartPause } from "../../pool/start-pause.ts";
import type { Cordon } from "./cordon.ts";

/** How often one cordon's calls come, and how its containers start. */
export class Demand {
  readonly cordon: Cordon;
  /** Of the last call. */
  calledAt = 0;
  readonly #pause: StartPause = new StartPause({
    firstMs: containerLimits.containerPauseMs,
    ceilingMs: containerLimits.containerPauseMsCeiling,
  });
  #refusal: Refusal | undefined;
  #calls = 0;
  /** Calls of the last while; each counts less the longer it is ago. */
  #weight = 0;

  constructor(cordon: Cordon) {
    this.cordon = cordon;
  }

  called(now: number): void {
    this.#weight = this.#weightAt(now) + 1;
    this.#calls += 1;
    this.calledAt = now;
  }

  /** One did not start, or spoke or died before its call. */
  failed(now: number, reason: unknown): void {
    const isRefusal = reason instanceof Refusal;
    const other = (): Refusal => new Refusal("SANDBOX_UNAVAILABLE", undefined, { cause: reason });
    this.#refusal = isRefusal ? reason : other();
    this.#pause.failed(now);
  }

  worked(): void {
    this.#pause.worked();
  }

  /** Why none is started now: what came of the last start, as long as the pause after it lasts. */
  refusal(now: number): Refusal | undefined {
    return this.#pause.leftMs(now) > 0 ? this.#refusal : undefined;
  }

  /** Whether there is nothing left to remember. */
  isPast(now: number): boolean {
    const isCalled = now - this.calledAt < containerLimits.containerIdleMs;
    return !isCalled && this.#pause.leftMs(now) === 0;
  }

  /**
   * Containers that should wait. One at least, so that whoever calls now and then waits for nothing;
   * what arguments choose for a mount is rarely chosen again, and gets one when it is.
   */
  spares(now: number): number {
    if (this.#calls === 1 && this.cordon.mounts.length > 0) return 0;
    const spares = Math.max(Math.round(this.#weightAt(now)), 1);
    return Math.min(spares, containerLimits.containersSparePerCordon);
  }

  #weightAt(now: number): number {
    return this.#weight * Math.exp((this.calledAt - now) / containerLimits.containerDemandMs);
  }
}
