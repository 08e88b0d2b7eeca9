import { isAuthorized, type PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { type ActionsByKind, actions } from "../manifests/action.ts";
import { type Tier, tiers } from "../manifests/tier.ts";
import type { Verdict } from "../manifests/verdict.ts";
import { encodeFacts } from "./encode.ts";
import type { Policy } from "./parse.ts";
import type { PolicyRequest } from "./request.ts";
import type { ToolShape } from "./schema.ts";

/**
 * The meaning of policies, written to be read. Nothing runs this but the tests, which hold the
 * engine to it: no slices, no cache, no order, each policy evaluated alone on the whole request.
 */
export function decideReference(
  policies: readonly Policy[],
  request: PolicyRequest,
  tool: ToolShape,
): Verdict {
  const results = policies.map((policy) => ({
    policy,
    says: evaluateAlone(policy, request, tool),
  }));
  const idsOf = (found: typeof results): string[] => found.map(({ policy }) => policy.id).sort();
  const satisfied = results.filter(({ says }) => says === "satisfied");
  const errors = results.filter(({ says }) => says === "error");
  const permits = satisfied.filter(({ policy }) => policy.json.effect === "permit");
  const forbids = satisfied.filter(({ policy }) => policy.json.effect === "forbid");
  const questions = forbids.filter(({ policy }) => policy.ask !== undefined);
  const raising = forbids.filter(({ policy: { tier, output } }) => tier ?? output);
  const hard = forbids.filter(
    ({ policy: { ask, tier, output } }) => (ask ?? tier ?? output) === undefined,
  );

  if (errors.length > 0) return { kind: "deny", code: "POLICY_ERROR", rules: idsOf(errors) };
  if (hard.length > 0) return { kind: "deny", code: "POLICY_DENIED", rules: idsOf(hard) };
  if (permits.length === 0) return { kind: "deny", code: "POLICY_DENIED", rules: [] };
  const raisers = raising.map(({ policy }) => policy);
  const more = { ...strongestOf(raisers), ...strictestOf(raisers) };
  if (questions.length === 0) {
    return { kind: "allow", rules: idsOf([...permits, ...raising]), ...more };
  }
  const rules = idsOf(questions);
  const asks = new Map(policies.map(({ id, ask }) => [id, ask ?? ""]));
  const asked = rules.map((id) => asks.get(id) ?? "");
  return { kind: "ask", rules: idsOf([...questions, ...raising]), questions: asked, ...more };
}

function strongestOf(raising: readonly Policy[]): { readonly tier?: Tier } {
  const tier = tiers.findLast((one) => raising.some((policy) => policy.tier === one));
  return tier === undefined ? {} : { tier };
}

/** For each kind of finding the last action of the list that any policy names. */
function strictestOf(raising: readonly Policy[]): { readonly output?: ActionsByKind } {
  const outputs = raising.map(({ output }) => output).filter((one) => one !== undefined);
  const kinds = new Set(outputs.flatMap((output) => Object.keys(output)));
  if (kinds.size === 0) return {};
  const strictest = [...kinds].map((kind) => {
    return [kind, actions.findLast((one) => outputs.some((output) => output[kind] === one))];
  });
  return { output: Object.fromEntries(strictest) as ActionsByKind };
}

function evaluateAlone(
  policy: Policy,
  request: PolicyRequest,
  tool: ToolShape,
): "satisfied" | "unsatisfied" | "error" {
  const whole = { principal: true, resource: "all", context: "all" } as const;
  const { session, context } = encodeFacts(request, whole, tool.context);
  const principal = { type: "Agent", id: request.principal.id };
  const action = { type: "Action", id: tool.name };
  const resource = { type: "Session", id: session.id };
  const groups = [...new Set(request.principal.groups)].map((id) => ({ type: "Group", id }));
  const answer = isAuthorized({
    principal,
    action,
    resource,
    context,
    policies: { staticPolicies: { [policy.id]: policy.text } },
    entities: [
      { uid: principal, attrs: {}, parents: groups },
      { uid: action, attrs: {}, parents: tool.groups.map((id) => ({ type: "Action", id })) },
      { uid: resource, attrs: session.attributes, parents: [] },
    ],
  });
  if (answer.type === "failure" || answer.response.diagnostics.errors.length > 0) return "error";
  return answer.response.diagnostics.reason.length > 0 ? "satisfied" : "unsatisfied";
}

/** Whether a scope can match: what slicing has to keep. Slicing may keep more, never less. */
export function scopeMatches(
  { principal, action }: PolicyJson,
  who: PolicyRequest["principal"],
  tool: ToolShape,
): boolean {
  const self = { type: "Agent", id: who.id };
  const groups = who.groups.map((id) => ({ type: "Group", id }));
  const actions = [tool.name, ...tool.groups].map((id) => ({ type: "Action", id }));
  return principalMatches(principal, [self, ...groups]) && actionMatches(action, actions);
}

interface Uid {
  readonly type: string;
  readonly id: string;
}

/** `self` is the principal and then what it is in. */
function principalMatches(scope: PolicyJson["principal"], self: readonly Uid[]): boolean {
  switch (scope.op) {
    case "All":
      return true;
    case "==":
      return "entity" in scope && names(scope.entity, self.slice(0, 1));
    case "in":
      return "entity" in scope && names(scope.entity, self);
    case "is":
      if (scope.entity_type !== "Agent") return false;
      return scope.in === undefined || ("entity" in scope.in && names(scope.in.entity, self));
  }
}

/** `self` is the tool's action and then what it is in. */
function actionMatches(scope: PolicyJson["action"], self: readonly Uid[]): boolean {
  if (scope.op === "All") return true;
  if (scope.op === "==") return "entity" in scope && names(scope.entity, self.slice(0, 1));
  const entities = "entities" in scope ? scope.entities : [scope.entity];
  return entities.some((entity) => names(entity, self));
}

function names(entity: Uid | { readonly __entity: Uid }, uids: readonly Uid[]): boolean {
  const { type, id } = "__entity" in entity ? entity.__entity : entity;
  return uids.some((uid) => uid.type === type && uid.id === id);
}
