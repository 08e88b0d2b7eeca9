import type { Context } from "../guardrails/detector.ts";
import type { Action, ActionsByKind } from "../manifests/action.ts";
import type { CallProposal } from "../manifests/call.ts";
import type { Digest } from "../manifests/digest.ts";
import type { Finding } from "../manifests/finding.ts";
import type { Grant } from "../manifests/grant.ts";
import type { JsonValue } from "../manifests/json.ts";
import type { Label, Source } from "../manifests/label.ts";
import type { Role } from "../manifests/manifest.ts";
import type { Session } from "../manifests/session.ts";
import type { Spotlight } from "../manifests/spotlight.ts";
import type { Tier } from "../manifests/tier.ts";
import type { PolicyRequest } from "../policies/request.ts";
import type { SandboxResult } from "../sandbox/sandbox.ts";
import type { Caller } from "./credentials/credentials.ts";
import type { ProvenanceIndex } from "./sessions/provenance/provenance-index.ts";
import type { Resolved } from "./stages/resolve.ts";
import type { Approval } from "./store/store.ts";
import type { NewToken } from "./store/tokens.ts";
import type { NewWithheld } from "./store/withheld.ts";
import type { Tool } from "./tools/tool.ts";
import type { Trace } from "./trace.ts";

/**
 * A call is a growing, readonly record. Each stage takes the rung below and returns the next, so a
 * skipped stage does not compile. It holds what is known; what can be done is in `Deps`.
 */
export interface Received {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly trace: Trace;
  /** The credential as it came; gone from the next rung on. */
  readonly bearer: string;
  readonly sessionId: string;
  readonly proposal: CallProposal;
  readonly idempotencyKey?: string;
  /** Aborted when the call is cancelled, frozen, or nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/** Ring 1: who proposes, in which session, which tool. */
export interface Identified extends Omit<Received, "bearer"> {
  readonly caller: Caller;
  /** As it was when it was looked up; `admit` refuses if it has moved since. */
  readonly session: Session;
  /** Where every value of the session was seen. */
  readonly index: ProvenanceIndex;
  readonly tool: Tool;
  /** What detectors are told of the session. */
  readonly context: Context;
}

/** Rings 2 and 3: the arguments fit the schema, and the guards have read them. */
export interface Checked extends Resolved {
  /** Canonical JSON of the arguments; from here on the only form. */
  readonly argumentsText: string;
  readonly argumentsDigest: Digest;
  /** Of the proposal, for the idempotency key. */
  readonly requestDigest: Digest;
  readonly findings: readonly Finding[];
}

/** Ring 4: where each argument came from. */
export interface Traced extends Checked {
  readonly elements: readonly TracedElement[];
  /** The label of what the arguments carry. */
  readonly argumentsLabel: Label;
}

/** One element of one argument, and its best source. */
export interface TracedElement {
  /** JSON pointer into the arguments. */
  readonly path: string;
  readonly role: Role;
  readonly source: Source;
}

/** Ring 5: policy allows it, by itself or because a person did. */
export interface Judged extends Traced {
  readonly policyInput: PolicyRequest;
  readonly policyDigest: Digest;
  /** The policies that decided. */
  readonly rules: readonly string[];
  readonly permissions: Grant["permissions"];
  /** Where it will run: there, or not at all. */
  readonly tier: Tier;
  /** What policy wants done at least about findings in the result. */
  readonly outputActions: ActionsByKind;
  readonly approval?: { readonly id: string; readonly facts: Digest };
}

/** Ring 6: the grant is used up and the intent durable. The tool may run now, and only now. */
export interface Admitted extends Judged {
  readonly grant: Grant;
}

/** Rings 7 and 8: how the run ended, well or badly. */
export interface Ran extends Admitted {
  readonly result: SandboxResult;
}

/** Ring 9: what the agent may be handed. */
export interface Inspected extends Ran {
  readonly output: JsonValue;
  readonly outputLabel: Label;
  readonly outputFindings: readonly Finding[];
  /** What the tokens in the output stand for. */
  readonly tokens: readonly NewToken[];
  readonly handed: Handed;
}

/** The output in the form in which the agent gets it, and what was done with it. */
export interface Handed {
  readonly output: JsonValue;
  readonly actions: readonly Action[];
  readonly spotlight?: Spotlight;
  /** Where the agent gets something else instead, for now. */
  readonly withheld?: Withholding;
}

/** An output that is kept from the agent, by the reference or the approval that stands for it. */
export interface Withholding extends Pick<NewWithheld, "id" | "because" | "expiresAt"> {
  readonly approval?: Approval;
  /** What it is handed when a person has looked at it. */
  readonly released: Pick<Handed, "output" | "spotlight">;
}
