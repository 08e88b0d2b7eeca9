import type { JsonObject } from "../../manifests/json.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Tier } from "../../manifests/tier.ts";
import type { Readiness, Sandbox, Wall } from "../../sandbox/sandbox.ts";
import type { Mode } from "../config/config.ts";
import type { Clock } from "../deps.ts";
import type { RecordStore } from "../store/store.ts";

/** What was measured of one tier, and how long it took. */
export interface Proof extends Readiness {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ms: number;
}

/** Milliseconds from the end of one proof to the next. */
export interface Pace {
  readonly everyMs: number;
  /** After one that did not hold. */
  readonly retryMs: number;
}

export interface SelfProofOptions {
  readonly mode: Mode;
  readonly sandboxes: ReadonlyMap<Tier, Sandbox>;
  readonly record: Pick<RecordStore, "append">;
  readonly clock: Clock;
}

/**
 * Measures the walls of each tier, writes what was found into the record, and keeps it: a tier is
 * offered by what its last proof showed, and by nothing else. What cannot be measured or written has
 * failed. Nothing is measured before somebody asks for it.
 */
export class SelfProof {
  readonly #options: SelfProofOptions;
  #known: Promise<readonly Proof[]> | undefined;
  #running: Promise<readonly Proof[]> | undefined;
  #settled: readonly Proof[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: SelfProofOptions) {
    this.#options = options;
  }

  /** The last proof of each tier; where there is none yet, the first. */
  proofs(): Promise<readonly Proof[]> {
    this.#known ??= this.prove();
    return this.#known;
  }

  /**
   * Resolves where the last proof of `tier` held.
   *
   * @throws {Refusal} `SANDBOX_UNAVAILABLE`.
   */
  async require(tier: Tier): Promise<void> {
    const proof = (await this.proofs()).find((one) => one.tier === tier);
    if (proof?.offered !== true || this.#isClosed) throw new Refusal("SANDBOX_UNAVAILABLE");
  }

  /** Measures every tier anew; who asks while it is being done gets the same answer. */
  prove(): Promise<readonly Proof[]> {
    if (this.#isClosed) return Promise.resolve([]);
    this.#running ??= this.#proveAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Proves again and again until `close`, the first time now, and tells what came of it. */
  async keepProving(pace: Pace, tell: (proof: Proof) => void): Promise<void> {
    const proofs = await (this.#timer === undefined ? this.proofs() : this.prove());
    if (this.#isClosed) return;
    for (const proof of proofs) tell(proof);
    const ms = proofs.every(({ offered }) => offered) ? pace.everyMs : pace.retryMs;
    this.#timer = setTimeout(() => void this.keepProving(pace, tell), ms).unref();
  }

  /** For log lines, records and answers: the mode, and the tiers that run without walls. */
  get standing(): JsonObject {
    const unwalled = this.#settled.filter(({ isWalled }) => !isWalled).map(({ tier }) => tier);
    return { mode: this.#options.mode, ...(unwalled.length > 0 && { unwalled }) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #proveAll(): Promise<readonly Proof[]> {
    const proofs = await Promise.all(
      [...this.#options.sandboxes.values()].map((one) => this.#proveOne(one)),
    );
    this.#settled = proofs;
    this.#known = Promise.resolve(proofs);
    return proofs;
  }

  async #proveOne(sandbox: Sandbox): Promise<Proof> {
    const { clock, record } = this.#options;
    const [at, from] = [clock.now(), clock.monotonic()];
    const readiness = await measure(sandbox);
    const proof = { ...readiness, at, ms: Math.round(clock.monotonic() - from) };
    try {
      await record.append(eventOf(proof, this.#options.mode));
      return proof;
    } catch (error) {
      return { ...proof, ...failed(proof, missing("the proof is on record", error)) };
    }
  }
}

async function measure(sandbox: Sandbox): Promise<Readiness> {
  try {
    return await sandbox.probe();
  } catch (error) {
    const { tier } = sandbox;
    const nothing = { tier, launchers: [], isWalled: true, walls: [] };
    return { ...nothing, ...failed(nothing, missing("the probes run", error)) };
  }
}

function failed(
  { walls }: Pick<Readiness, "walls">,
  hole: Wall,
): Pick<Readiness, "offered" | "walls"> {
  return { offered: false, walls: [...walls, hole] };
}

function missing(name: string, error: unknown): Wall {
  const measured = error instanceof Error ? error.message : String(error);
  return { name, floor: true, holds: false, measured };
}

/** More of what was measured would only be a launcher's chatter. */
const measuredChars = 200;

function eventOf(proof: Proof, mode: Mode): JsonObject {
  const { tier, offered, launcher, isWalled, ms, walls } = proof;
  return {
    kind: offered ? "tier.proved" : "tier.failed",
    ...{ mode, tier, launcher: launcher ?? null, isWalled, ms },
    walls: walls.map((wall) => ({
      ...wall,
      measured: wall.measured.slice(0, measuredChars).toWellFormed(),
    })),
  };
}
