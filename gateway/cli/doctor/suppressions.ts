import { endOf } from "../../../guardrails/suppressions/end-of.ts";
import type { Suppression } from "../../../guardrails/suppressions/suppression.ts";
import { type Check, ok, warn } from "./check.ts";

/** Which suppressions still last; `now` is in milliseconds since 1970. */
export function checkSuppressions(all: readonly Suppression[], now: number): readonly Check[] {
  if (all.length === 0) return [];
  const ended = all.filter((one) => now >= endOf(one));
  const lasting = ok("suppressions", `${all.length - ended.length} of ${all.length} last`);
  return [lasting, ...ended.map(warnOfEnded)];
}

/** What to tell whoever starts a gateway: findings that were suppressed count again. */
export function endedNotes(all: readonly Suppression[], now: number): readonly string[] {
  return all.filter((one) => now >= endOf(one)).map((one) => `Suppression ${sayEnded(one)}`);
}

function warnOfEnded(one: Suppression): Check {
  return warn("suppressions", sayEnded(one), "take it out, or mend the rule that is wrong");
}

function sayEnded({ id, until }: Suppression): string {
  return `\`${id}\` ended on ${until}: what it suppressed counts again`;
}
