import { digestJson } from "../../manifests/digest.ts";
import type { JsonValue } from "../../manifests/json.ts";
import { type Source, weaker } from "../../manifests/label.ts";
import type { Role } from "../../manifests/manifest.ts";
import type { Permissions } from "../../manifests/permissions.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Verdict } from "../../manifests/verdict.ts";
import type { PolicyRequest, RoleFacts } from "../../policies/request.ts";
import { approvalFacts, findApproval, holdApproval } from "../approvals/approval.ts";
import type { Deps } from "../deps.ts";
import type { Judged, Traced, TracedElement } from "../state.ts";
import { findingKinds } from "./check.ts";
import { chooseTier, riskOf } from "./choose-tier.ts";
import { requirePlanned } from "./plan.ts";

type Needs = Pick<Deps, "bundle" | "clock" | "narrow" | "newId" | "policy" | "store">;

/** Ring 5: policy over what the call needs and where its arguments came from; a person where it asks. */
export async function judge(state: Traced, deps: Needs): Promise<Judged> {
  requirePlanned(state);
  const permissions = narrow(state, deps);
  const policyInput = policyInputOf(state, permissions);
  const verdict = deps.policy.decide(policyInput);
  const tier = chooseTier(state.tool.manifest.sandbox, riskOf(state, verdict));
  const outputActions = verdict.kind === "deny" ? {} : (verdict.output ?? {});
  const output = Object.keys(outputActions).length > 0 && { output: { ...outputActions } };
  state.trace.note("policy", { verdict: verdict.kind, rules: [...verdict.rules], tier, ...output });
  const policyDigest = digestJson("policy-input", policyInput as unknown as JsonValue);
  const { rules } = verdict;
  const placed = { permissions, rules, tier, outputActions };
  const judged = { ...state, policyInput, policyDigest, ...placed };
  return state.trace.reach(await obey(verdict, judged, deps));
}

function narrow(state: Traced, deps: Needs): Permissions {
  const ceiling = state.tool.manifest.permissions;
  return deps.narrow(ceiling, state.proposal.arguments, state.session.permissions);
}

function policyInputOf(state: Traced, permissions: Permissions): PolicyRequest {
  const { session } = state;
  return {
    principal: { id: session.principal, groups: session.groups },
    tool: state.tool.manifest.name,
    session: {
      id: session.id,
      tainted: session.label.integrity === "untrusted",
      confidentiality: session.label.confidentiality,
    },
    arguments: state.proposal.arguments,
    roles: roleFacts(state.elements),
    ...askedFact(state),
    ...tokensFact(state),
    findings: findingKinds(state.findings),
    needs: needsOf(permissions),
  };
}

function askedFact({ tool, index }: Traced): Pick<PolicyRequest, "asked"> {
  const { asked } = tool.manifest;
  return asked.length === 0 ? {} : { asked: index.saidAny(asked) };
}

function tokensFact({ carried, elements }: Traced): Pick<PolicyRequest, "tokens"> {
  const tokens = carried.filter(({ token }) => token !== undefined);
  if (tokens.length === 0) return {};
  const places = new Set(tokens.map(({ path }) => path));
  const roles = elements.filter(({ path }) => places.has(path)).map(({ role }) => role);
  const kinds = tokens.map(({ token }) => token?.kind ?? "");
  return { tokens: { kinds: [...new Set(kinds)].sort(), roles: [...new Set(roles)].sort() } };
}

function roleFacts(elements: readonly TracedElement[]): PolicyRequest["roles"] {
  const facts: Partial<Record<Role, RoleFacts>> = {};
  for (const { role, source } of elements) {
    const weakest: Source = weaker(facts[role]?.weakest ?? source, source);
    facts[role] = { weakest, count: (facts[role]?.count ?? 0) + 1 };
  }
  return facts;
}

function needsOf({ net, fs }: Permissions): PolicyRequest["needs"] {
  const paths = (writes: boolean): string[] =>
    fs.filter(({ access }) => (access === "write") === writes).map(({ path }) => path);
  return {
    hosts: [...new Set(net.map(({ host }) => host))].sort(),
    reads: paths(false).sort(),
    writes: paths(true).sort(),
  };
}

function whyDenied({ policyInput }: Judged): string | undefined {
  if (policyInput.tokens === undefined) return undefined;
  return "the arguments hand on what was redacted, and policy does not allow that";
}

/** A named approval has to be for just this call, whatever policy says by itself. */
async function obey(verdict: Verdict, judged: Judged, deps: Needs): Promise<Judged> {
  if (verdict.kind === "deny") throw new Refusal(verdict.code, whyDenied(judged));
  const named = judged.proposal.approval;
  if (verdict.kind === "allow" && named === undefined) return judged;
  const facts = approvalFacts(judged, verdict, deps);
  const approval = await findApproval({ session: judged.session.id, facts, named }, deps.store);
  if (verdict.kind === "allow") return judged;
  return { ...judged, approval: holdApproval({ judged, verdict, facts, approval }, deps) };
}
