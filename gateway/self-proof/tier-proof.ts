import { type Digest, digestJson } from "../../manifests/digest.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { Refusal, type RefusalCode } from "../../manifests/refusals.ts";
import type { Readiness, Sandbox, Wall } from "../../sandbox/sandbox.ts";
import type { Mode } from "../config/config.ts";
import type { Clock } from "../deps.ts";
import type { RecordStore } from "../store/store.ts";

/** What was measured of one tier, and how long it took. */
export interface Proof extends Readiness {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ms: number;
  /** Of what stands in the record of it: each call names the proof that it ran on. */
  readonly digest: Digest;
  /** Why there was nothing to measure: no engine, no image. */
  readonly code?: RefusalCode;
}

export interface TierProofOptions {
  readonly mode: Mode;
  readonly record: Pick<RecordStore, "append">;
  readonly clock: Clock;
}

/**
 * Measures the walls of one tier, and writes what was found into the record. What cannot be measured
 * or written has failed.
 */
export async function proveTier(sandbox: Sandbox, options: TierProofOptions): Promise<Proof> {
  const { clock, record, mode } = options;
  const [at, from] = [clock.now(), clock.monotonic()];
  const measured = await measure(sandbox);
  const ms = Math.round(clock.monotonic() - from);
  const { tier, launcher, isWalled, walls } = measured;
  const content = { tier, launcher: launcher ?? null, isWalled, walls: walls.map(wallFacts) };
  const digest = digestJson("tier-proof", content);
  const proof = { ...measured, at, ms, digest };
  try {
    const kind = measured.offered ? "tier.proved" : "tier.failed";
    await record.append({ kind, mode, ...content, ms, digest });
    return proof;
  } catch (error) {
    return { ...proof, ...failed(proof, missing("the proof is on record", error)) };
  }
}

type Measured = Readiness & Pick<Proof, "code">;

async function measure(sandbox: Sandbox): Promise<Measured> {
  try {
    return await sandbox.probe();
  } catch (error) {
    const nothing = { tier: sandbox.tier, launchers: [], isWalled: true, walls: [] };
    const why = error instanceof Refusal ? { code: error.code } : {};
    return { ...nothing, ...why, ...failed(nothing, missing("the probes run", error)) };
  }
}

function failed(
  { walls }: Pick<Readiness, "walls">,
  hole: Wall,
): Pick<Readiness, "offered" | "walls"> {
  return { offered: false, walls: [...walls, hole] };
}

function missing(name: string, error: unknown): Wall {
  return { name, floor: true, holds: false, measured: whyOf(error) };
}

/** What an agent is told of a refusal says less than what it came from. */
function whyOf(error: unknown): string {
  if (error instanceof Refusal && error.cause instanceof Error) return error.cause.message;
  return error instanceof Error ? error.message : String(error);
}

/** More of what was measured would only be a launcher's chatter. */
const measuredChars = 200;

function wallFacts(wall: Wall): JsonObject {
  return { ...wall, measured: wall.measured.slice(0, measuredChars).toWellFormed() };
}
