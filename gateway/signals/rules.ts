import { z } from "zod";
import { type FreezeKind, freezeKinds } from "../store/store.ts";

/** When a kind of signal stops somebody, and whom. */
export interface SignalRule {
  /** So many signals freeze. */
  readonly limit: number;
  /** Within so long. */
  readonly seconds: number;
  /** What is frozen; each is counted for itself. Nothing: signals are only recorded. */
  readonly freeze: readonly FreezeKind[];
}

export type SignalKind = "crashes" | "misusedSecrets";
export type SignalRules = Readonly<Record<SignalKind, SignalRule>>;

/**
 * By default a principal is stopped by what its own calls did, and by nothing else: who can crash a
 * tool that others use must not be able to take it from them.
 */
const rule: z.ZodType<SignalRule> = z.strictObject({
  limit: z.int().min(1).max(100).default(5),
  seconds: z.int().min(1).max(86_400).default(600),
  freeze: z.array(z.enum(freezeKinds)).max(freezeKinds.length).default(["principal"]),
});

export const signalRulesSchema: z.ZodType<SignalRules> = z.strictObject({
  crashes: rule.prefault({}),
  misusedSecrets: rule.prefault({}),
});
