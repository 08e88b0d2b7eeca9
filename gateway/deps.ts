import type { Context } from "../guardrails/detector.ts";
import type { DefusedJson, Heard } from "../guardrails/output/defuse-json.ts";
import type { RedactOptions } from "../guardrails/redact.ts";
import type { Suppressor } from "../guardrails/suppressions/suppressor.ts";
import type { ActionsByKind } from "../manifests/action.ts";
import type { Digest } from "../manifests/digest.ts";
import type { Finding } from "../manifests/finding.ts";
import type { JsonObject, JsonValue } from "../manifests/json.ts";
import type { Permissions } from "../manifests/permissions.ts";
import type { SecretProvider } from "../manifests/secret.ts";
import type { Tier } from "../manifests/tier.ts";
import type { PolicyEngine } from "../policies/engine.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Credentials } from "./credentials/credentials.ts";
import type { SelfProof } from "./self-proof/self-proof.ts";
import type { Sessions } from "./sessions/sessions.ts";
import type { Signals } from "./signals/signals.ts";
import type { Store } from "./store/store.ts";
import type { Tool } from "./tools/tool.ts";

/** What the algorithm can do. A stage asks only for the part that it uses. */
export interface Deps {
  readonly clock: Clock;
  /** A new id that nobody can guess: `call_…`. Ids of one kind sort by time. */
  readonly newId: (kind: "call" | "grant" | "approval" | "session" | "key" | "reference") => string;
  /** Sixteen random bytes in hexadecimal. */
  readonly newSeed: () => string;
  readonly store: Store;
  readonly credentials: Credentials;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly policy: PolicyEngine;
  /** Manifest ∩ session ∩ arguments, as the permissions of one call. */
  readonly narrow: (ceiling: Permissions, args: JsonObject, session?: Permissions) => Permissions;
  readonly sessions: Sessions;
  /** What secrets are bound to; their values are the broker's to read. */
  readonly secrets: Pick<SecretProvider, "binding">;
  readonly guards: Guards;
  readonly signals: Signals;
  readonly sandboxes: ReadonlyMap<Tier, Sandbox>;
  /** Which tiers are offered, by what was last measured of them. */
  readonly selfProof: Pick<SelfProof, "proofs" | "require" | "standing">;
  /** Of policies, manifests and tool code together: what every grant and record is bound to. */
  readonly bundle: Digest;
}

export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds from any fixed point, never set back. */
  readonly monotonic: () => number;
}

export interface Guards {
  readonly input: Guard;
  readonly output: Guard;
  /** What the deployment does about findings in results. */
  readonly actions: ActionsByKind;
  readonly suppressor: Pick<Suppressor, "all" | "suppress">;
}

/** The detectors of one ring, run over every text of a document. */
export interface Guard {
  /** The ids of the detectors, in order. */
  readonly detectors: readonly string[];
  /** @throws {Refusal} `SCAN_LIMIT`; anything else thrown is a detector that failed. */
  scan(value: JsonValue, context: Context): Promise<readonly Finding[]>;
  /** The value with every span replaced by a token whose finding is of a kind that is redacted. */
  redact(value: JsonValue, findings: readonly Finding[], options: RedactOptions): JsonValue;
  /** The value without what its viewer would act on, where that is looked for. */
  defuse(value: JsonValue, heard: Heard): DefusedJson;
}
