import {
  type Action,
  type ActionsByKind,
  actionOn,
  actions,
  familyOf,
  strongestAction,
  untrustedResult,
} from "../manifests/action.ts";
import type { Finding } from "../manifests/finding.ts";
import { isHostile } from "./injection/score.ts";

/** What is to be done with a document in which something was found. */
export interface Handling {
  /** With the whole of it: the strongest that any finding asks for; never `redact`. */
  readonly whole: Exclude<Action, "redact">;
  /** Whether the span of such a finding is replaced. */
  readonly redacts: (kind: string) => boolean;
  /** All that is done, weakest first. */
  readonly actions: readonly Action[];
  /** The families that it comes from, sorted; none where nothing is done. */
  readonly because: readonly string[];
}

/** The same, and at least `action` with the whole of it. */
export function atLeast(action: Handling["whole"], handling: Handling, why: string): Handling {
  const whole = strongestAction(action, handling.whole) as Handling["whole"];
  const others = handling.actions.filter((one) => one === "redact");
  const because = [...new Set([...handling.because, why])].sort();
  return { ...handling, whole, because, actions: [...others, whole] };
}

/**
 * What findings ask for, by each of the maps, the strongest for each kind. Those of the family
 * `injection` ask for something where they count together as hostile, and not each for itself.
 * Secrets are replaced whatever else is done. Of a result that is untrusted, that alone can ask.
 */
export function handlingOf(
  findings: readonly Finding[],
  asked: readonly ActionsByKind[],
  isUntrusted = false,
): Handling {
  const hostile = isHostile(findings);
  const isIdle = (kind: string): boolean => kind.startsWith("injection:") && !hostile;
  const acting = (kind: string): Action => (isIdle(kind) ? "record" : actionOn(kind, asked));
  const redacts = (kind: string): boolean =>
    kind.startsWith("secret:") || acting(kind) === "redact";
  const standing = isUntrusted ? [untrustedResult] : [];
  const kinds = [...standing, ...new Set(findings.map(({ kind }) => kind))];
  const wholes = kinds.map(acting).filter((action) => action !== "redact");
  const moving = kinds.filter((kind) => redacts(kind) || acting(kind) !== "record");
  const whole = strongestAction(...wholes) as Handling["whole"];
  const isDone = (action: Action): boolean =>
    action === whole || (action === "redact" && kinds.some(redacts));
  return {
    whole,
    redacts,
    actions: actions.filter((action) => action !== "record" && isDone(action)),
    because: [...new Set(moving.map(familyOf))].sort(),
  };
}
