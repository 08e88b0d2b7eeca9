import {
  type EntityJson,
  type StatefulAuthorizationCall,
  statefulIsAuthorized,
} from "@cedar-policy/cedar-wasm/nodejs";
import { type ActionsByKind, joinActions } from "../manifests/action.ts";
import { strongestTier, type Tier } from "../manifests/tier.ts";
import type { Verdict } from "../manifests/verdict.ts";
import type { Facts } from "./encode.ts";
import { type PolicySet, preparsed } from "./preparsed.ts";
import type { Slice } from "./slices.ts";

/**
 * What the slice's policies say of the facts. One call of Cedar; a second one only where nothing
 * but terms stands against the call, because Cedar does not say then whether a permit matched.
 * `reference.ts` says the same in the plainest way.
 */
export function evaluate(slice: Slice, facts: Facts): Verdict {
  const all = authorize(slice.policies, slice, facts);
  if (all.kind === "error") return { kind: "deny", code: "POLICY_ERROR", rules: all.rules };
  if (all.kind === "allow") return { kind: "allow", rules: all.rules };
  const { questions, tiers, outputs } = slice;
  const hard = all.rules.filter((id) => !questions.has(id) && !tiers.has(id) && !outputs.has(id));
  if (all.rules.length === 0 || hard.length > 0) return denied(hard);
  const without = authorize(slice.withoutTerms, slice, facts);
  return without.kind === "allow" ? onTerms(all.rules, without.rules, slice) : denied([]);
}

function denied(rules: readonly string[]): Verdict {
  return { kind: "deny", code: "POLICY_DENIED", rules };
}

function onTerms(terms: readonly string[], permits: readonly string[], slice: Slice): Verdict {
  const questions = terms.flatMap((id) => slice.questions.get(id) ?? []);
  const more = { ...tierOf(terms, slice), ...outputOf(terms, slice) };
  if (questions.length > 0) return { kind: "ask", rules: terms, questions, ...more };
  return { kind: "allow", rules: [...permits, ...terms].sort(), ...more };
}

function outputOf(terms: readonly string[], slice: Slice): { readonly output?: ActionsByKind } {
  const named = terms.map((id) => slice.outputs.get(id)).filter((one) => one !== undefined);
  return named.length === 0 ? {} : { output: joinActions(named) };
}

/** Where several name one, the strongest satisfies them all. */
function tierOf(terms: readonly string[], slice: Slice): { readonly tier?: Tier } {
  const [first, ...others] = terms.flatMap((id) => slice.tiers.get(id) ?? []);
  return first === undefined ? {} : { tier: strongestTier(first, ...others) };
}

interface Answer {
  readonly kind: "allow" | "deny" | "error";
  /** The ids that decided, sorted. */
  readonly rules: readonly string[];
}

/** Cedar skips a policy that errs and decides without it. Here one error is an error of the whole. */
function authorize(set: PolicySet, slice: Slice, facts: Facts): Answer {
  const answer = statefulIsAuthorized(cedarCall(set, slice, facts));
  if (answer.type === "failure") return { kind: "error", rules: [] };
  const { decision, diagnostics } = answer.response;
  const errors = diagnostics.errors.map(({ policyId }) => policyId);
  if (errors.length > 0) return { kind: "error", rules: errors.sort() };
  return { kind: decision, rules: diagnostics.reason.sort() };
}

function cedarCall(set: PolicySet, slice: Slice, facts: Facts): StatefulAuthorizationCall {
  const principal = facts.principal ?? slice.principal;
  const agent = { type: "Agent", id: principal.id };
  const action = { type: "Action", id: slice.tool.name };
  const session = { type: "Session", id: facts.session.id };
  const entities: EntityJson[] = [
    { uid: agent, attrs: {}, parents: parents("Group", principal.groups) },
    { uid: action, attrs: {}, parents: parents("Action", slice.tool.groups) },
    { uid: session, attrs: facts.session.attributes, parents: [] },
  ];
  return {
    principal: agent,
    action,
    resource: session,
    context: facts.context,
    preparsedPolicySetId: preparsed(set),
    entities,
  };
}

function parents(type: string, ids: readonly string[]): EntityJson["parents"] {
  return [...new Set(ids)].map((id) => ({ type, id }));
}
