import type { ActionsByKind } from "./action.ts";
import type { Tier } from "./tier.ts";

/** What policy says of a call. `rules` are the ids of the policies that decided, sorted. */
export type Verdict =
  | {
      readonly kind: "allow";
      readonly rules: readonly string[];
      /** The call may run in no weaker tier; absent where policy says nothing of it. */
      readonly tier?: Tier;
      /** What is done at least about findings in the result; absent where policy says nothing. */
      readonly output?: ActionsByKind;
    }
  | {
      readonly kind: "deny";
      readonly code: "POLICY_DENIED" | "POLICY_ERROR";
      readonly rules: readonly string[];
    }
  | {
      readonly kind: "ask";
      readonly rules: readonly string[];
      /** The `@ask` sentences of those rules, for the person who answers. */
      readonly questions: readonly string[];
      /** As for `allow`, once a person has said yes. */
      readonly tier?: Tier;
      readonly output?: ActionsByKind;
    };
