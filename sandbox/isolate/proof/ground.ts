import { readFileSync } from "node:fs";
import type { Readiness, Wall } from "../../sandbox.ts";
import {
  type Jail,
  type JailOptions,
  jailCommand,
  launchers,
  unwalledCommand,
} from "../jail/jail.ts";
import { built, notBuilt, probeJail } from "./probe-jail.ts";

export interface GroundOptions {
  /** Absolute paths of files that no worker may see: the gateway's own. */
  readonly outside: readonly string[];
  /** Whether workers may do without walls where this machine can build none at all. */
  readonly mayLackWalls: boolean;
  /** What the jail can be built with; what this machine has where it is left out. */
  readonly launchers?: readonly NonNullable<Jail["launcher"]>[];
  /** Changes the jail before it is used: for tests that take a wall out. */
  readonly alter?: (jail: Jail) => Jail;
}

/**
 * What workers stand on: the jail, or nothing at all. Nothing only where it may be lacking and the
 * first probe shows that this machine cannot build any jail; that is never decided again. A jail
 * that stands and has a hole is no reason: then there are no workers.
 */
export class Ground {
  readonly #options: GroundOptions;
  /** Why there are no walls. */
  #bare: string | undefined;
  #isProbed = false;

  constructor(options: GroundOptions) {
    this.#options = options;
  }

  /** Undefined where there is nothing to build the jail with. */
  command(source: string, words?: readonly string[], options: JailOptions = {}): Jail | undefined {
    const { jit = false } = options;
    if (this.#bare !== undefined) return { ...unwalledCommand(source, words), jit };
    const [launcher] = this.#launchers;
    if (launcher === undefined) return undefined;
    const jail = jailCommand(source, words, { ...options, launcher });
    return jail && (this.#options.alter?.(jail) ?? jail);
  }

  /** Measures the walls. Rejects where not even the probing works. */
  async probe(): Promise<Readiness> {
    if (this.#bare !== undefined) return this.#readiness([notBuilt(this.#bare)]);
    const build = (source: string, words: readonly string[]): Jail | undefined =>
      this.command(source, words);
    const walls = await probeJail({ build, outside: this.#options.outside });
    const isFirst = !this.#isProbed;
    this.#isProbed = true;
    if (isFirst && this.#options.mayLackWalls) this.#bare = whyNoJail(walls, this.#launchers);
    return this.#readiness(walls);
  }

  get #launchers(): readonly NonNullable<Jail["launcher"]>[] {
    return this.#options.launchers ?? launchers();
  }

  #readiness(walls: readonly Wall[]): Readiness {
    const isBare = this.#bare !== undefined;
    const [launcher] = isBare ? [] : this.#launchers;
    return {
      tier: "isolate",
      offered: isBare || walls.every(({ floor, holds }) => holds || !floor),
      ...(launcher !== undefined && { launcher }),
      launchers: this.#launchers,
      isWalled: !isBare,
      walls,
    };
  }
}

/** Why this machine can build no jail at all; undefined where it can, or where something else failed. */
function whyNoJail(walls: readonly Wall[], found: readonly string[]): string | undefined {
  const [first] = walls;
  if (first?.name !== built) return undefined;
  if (found.length === 0 || hasNoUserNamespaces() || forbidden.test(first.measured)) {
    return first.measured;
  }
  return undefined;
}

/** What the launchers say where the system refuses the first step. */
const forbidden = /^(?:unshare|bwrap|mount|setpriv): .*(?:not permitted|not implemented)/im;

function hasNoUserNamespaces(): boolean {
  try {
    return readFileSync("/proc/sys/user/max_user_namespaces", "utf8").trim() === "0";
  } catch {
    return true;
  }
}
