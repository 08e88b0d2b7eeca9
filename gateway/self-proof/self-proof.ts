import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Tier } from "../../manifests/tier.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { type Proof, proveTier, type TierProofOptions } from "./tier-proof.ts";

/** Milliseconds from the end of one proof to the next. */
export interface Pace {
  readonly everyMs: number;
  /** After one that did not hold. */
  readonly retryMs: number;
}

export interface SelfProofOptions extends TierProofOptions {
  readonly sandboxes: ReadonlyMap<Tier, Sandbox>;
  /** Tiers that are measured when a call needs them, and not before; nobody is promised them. */
  readonly atNeed?: ReadonlySet<Tier>;
}

/**
 * Keeps what was last measured of each tier: a tier is offered by that, and by nothing else. Nothing
 * is measured before somebody asks for it.
 */
export class SelfProof {
  readonly #options: SelfProofOptions;
  readonly #tiers: ReadonlyMap<Tier, KeptTier>;
  #keeping: { readonly pace: Pace; readonly tell: (proof: Proof) => void } | undefined;
  #isClosed = false;

  constructor(options: SelfProofOptions) {
    this.#options = options;
    const kept = [...options.sandboxes].map(([tier, sandbox]) => {
      return [tier, { sandbox, isAtNeed: options.atNeed?.has(tier) === true }] as const;
    });
    this.#tiers = new Map(kept);
  }

  /** The last proof of each tier that is promised; where there is none yet, the first. */
  async proofs(): Promise<readonly Proof[]> {
    const promised = [...this.#tiers.values()].filter(({ isAtNeed }) => !isAtNeed);
    const proofs = await Promise.all(promised.map((one) => this.#lastOf(one)));
    return proofs.filter((proof) => proof !== undefined);
  }

  /** The last proof of one tier, or the first; absent where there is no such tier. */
  async proof(tier: Tier): Promise<Proof | undefined> {
    const one = this.#tiers.get(tier);
    return one && (await this.#lastOf(one));
  }

  /**
   * Resolves where the last proof of `tier` held, with that proof.
   *
   * @param beside is told along with the refusal: why it has to be this tier.
   * @throws {Refusal} `SANDBOX_UNAVAILABLE`, or why there was nothing to measure.
   */
  async require(tier: Tier, beside = ""): Promise<Proof> {
    const proof = await this.proof(tier);
    if (proof?.offered !== true || this.#isClosed) {
      const why = proof ? "`ringward doctor` says why" : "this deployment does not offer it";
      const detail = `no call can run in the tier \`${tier}\` here: ${why}${beside}`;
      throw new Refusal(proof?.code ?? "SANDBOX_UNAVAILABLE", detail);
    }
    return proof;
  }

  /** Measures anew each tier that is promised or was asked for; who asks meanwhile gets the same. */
  async prove(): Promise<readonly Proof[]> {
    const wanted = [...this.#tiers.values()].filter(({ isAtNeed, last }) => !isAtNeed || last);
    const proofs = await Promise.all(wanted.map((one) => this.#prove(one)));
    return proofs.filter((proof) => proof !== undefined);
  }

  /**
   * Proves again and again until `close`, the first time now, and tells what came of it. A tier at
   * need whose proof failed waits for the next call that needs it.
   */
  async keepProving(pace: Pace, tell: (proof: Proof) => void): Promise<void> {
    this.#keeping = { pace, tell };
    for (const one of this.#tiers.values()) {
      if (one.last !== undefined && one.running === undefined) this.#follow(one, one.last);
    }
    await this.proofs();
  }

  /** What was measured so far, of any tier. */
  get measured(): readonly Proof[] {
    return [...this.#tiers.values()].flatMap(({ last }) => last ?? []);
  }

  /** For log lines, records and answers: the mode, and the tiers that run without walls. */
  get standing(): JsonObject {
    const unwalled = this.measured.filter(({ isWalled }) => !isWalled).map(({ tier }) => tier);
    return { mode: this.#options.mode, ...(unwalled.length > 0 && { unwalled }) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { timer } of this.#tiers.values()) clearTimeout(timer);
    await Promise.all([...this.#tiers.values()].map(({ running }) => running));
  }

  async #lastOf(one: KeptTier): Promise<Proof | undefined> {
    return one.last === undefined || this.#isDue(one) ? await this.#prove(one) : one.last;
  }

  #isDue({ isAtNeed, last, measuredAt = 0 }: KeptTier): boolean {
    const { clock } = this.#options;
    if (!isAtNeed || last?.offered !== false) return false;
    return clock.monotonic() - measuredAt >= limits.selfProofRetryMs;
  }

  async #prove(one: KeptTier): Promise<Proof | undefined> {
    if (this.#isClosed) return undefined;
    one.running ??= this.#measure(one).finally(() => {
      delete one.running;
    });
    return await one.running;
  }

  async #measure(one: KeptTier): Promise<Proof> {
    const proof = await proveTier(one.sandbox, this.#options);
    one.last = proof;
    one.measuredAt = this.#options.clock.monotonic();
    this.#follow(one, proof);
    return proof;
  }

  #follow(one: KeptTier, proof: Proof): void {
    if (this.#keeping === undefined || this.#isClosed) return;
    const { pace, tell } = this.#keeping;
    tell(proof);
    clearTimeout(one.timer);
    if (one.isAtNeed && !proof.offered) return;
    const ms = proof.offered ? pace.everyMs : pace.retryMs;
    one.timer = setTimeout(() => void this.#prove(one), ms).unref();
  }
}

interface KeptTier {
  readonly sandbox: Sandbox;
  readonly isAtNeed: boolean;
  last?: Proof;
  /** Of `last`, by the clock that is never set back. */
  measuredAt?: number;
  running?: Promise<Proof>;
  timer?: NodeJS.Timeout;
}
