import { containerLimits } from "../../../manifests/container-limits.ts";
import { type Engine, EngineFault } from "./engine.ts";
import { within } from "./within.ts";

/**
 * Removes containers for good. What could not be removed is tried again for as long as the launcher
 * runs, with longer and longer pauses; so is what a launcher before this one has left.
 */
export class Reaper {
  readonly #engine: Engine;
  readonly #findLeft: () => Promise<readonly string[]>;
  /** Names or ids of what could not be removed yet, and what to do when it is gone. */
  readonly #doomed = new Map<string, () => void>();
  /** Whether something may be left that nobody has listed: at first, and when the engine was away. */
  #isBehind = true;
  /** Whether that is being seen to. */
  #isCatchingUp = false;
  #sweeping: Promise<void> | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #secondLook: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param findLeft lists what nobody answers for any more. */
  constructor(engine: Engine, findLeft: () => Promise<readonly string[]>) {
    this.#engine = engine;
    this.#findLeft = findLeft;
  }

  /**
   * Ends and removes a container; true where it is gone. Else the engine did not do it in time.
   *
   * @param gone is called when it is gone, be it later.
   */
  async remove(container: string, gone: () => void): Promise<boolean> {
    const isGone = await this.#try(container);
    if (isGone) gone();
    else this.#doom(container, gone);
    return isGone;
  }

  /**
   * Does what was left to do while the engine was away; nothing where it never was.
   *
   * @throws {EngineFault} where it still is.
   */
  async catchUp(): Promise<void> {
    if (!this.#isBehind && !this.#isCatchingUp) return;
    await this.#sweep();
    if (this.#isBehind) throw new EngineFault(new Error("the engine is away"));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#secondLook);
  }

  #doom(container: string, gone: () => void): void {
    this.#doomed.set(container, gone);
    this.#later();
  }

  /** One at a time: who comes while one is under way waits for that one. */
  #sweep(): Promise<void> {
    this.#sweeping ??= this.#sweepOnce().finally(() => {
      this.#sweeping = undefined;
      this.#isCatchingUp = false;
      if (this.#isBehind || this.#doomed.size > 0) this.#later();
      else this.#failures = 0;
    });
    return this.#sweeping;
  }

  async #sweepOnce(): Promise<void> {
    this.#isCatchingUp = this.#isBehind;
    this.#isBehind = false;
    const left = new Set([...this.#doomed.keys(), ...(await this.#listLeft())]);
    if (this.#isCatchingUp) this.#lookAgain();
    const removeNext = async (): Promise<void> => {
      for (const one of left) {
        left.delete(one);
        await this.remove(one, this.#doomed.get(one) ?? (() => undefined));
      }
    };
    await Promise.all(Array.from({ length: containerLimits.reapedAtOnce }, removeNext));
  }

  /** An engine goes on making what it was asked for by a launcher that died: it was on no list yet. */
  #lookAgain(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#secondLook);
    this.#secondLook = setTimeout(() => void this.#sweep(), containerLimits.containerStartMs);
  }

  async #listLeft(): Promise<readonly string[]> {
    try {
      return await within(containerLimits.containerEndMs, this.#findLeft());
    } catch {
      this.#isBehind = true;
      return [];
    }
  }

  async #try(container: string): Promise<boolean> {
    try {
      await within(containerLimits.containerEndMs, this.#engine.remove(container));
      this.#doomed.delete(container);
      return true;
    } catch (error) {
      // An engine that answers, or is at it for long, is there: only this one does not go.
      if (error instanceof EngineFault && error.status === undefined) this.#isBehind = true;
      return false;
    }
  }

  #later(): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    const { containerPauseMs, containerPauseMsCeiling } = containerLimits;
    const pauseMs = Math.min(containerPauseMs * 2 ** this.#failures, containerPauseMsCeiling);
    this.#failures = Math.min(this.#failures + 1, 20);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#sweep();
    }, pauseMs);
  }
}
