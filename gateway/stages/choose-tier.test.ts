import fc from "fast-check";
import { test } from "tap";
import type { Integrity } from "../../manifests/label.ts";
import { type Tier, tiers } from "../../manifests/tier.ts";
import type { Verdict } from "../../manifests/verdict.ts";
import type { Traced } from "../state.ts";
import { chooseTier, type Risk, riskOf } from "./choose-tier.ts";

const seed = 20_261_123;
const tier = fc.constantFrom(...tiers);
const sandbox = fc.record({
  tier,
  escalate: fc.record({ untrusted: tier, code: tier }, { requiredKeys: [] }),
});
const risk: fc.Arbitrary<Risk> = fc.record(
  { isUntrusted: fc.boolean(), carriesCode: fc.boolean(), advised: tier },
  { requiredKeys: ["isUntrusted", "carriesCode"] },
);

test(`no call runs in a weaker tier than any that is named for it, nor in one that is not (seed ${seed})`, async (t) => {
  fc.assert(
    fc.property(sandbox, risk, (own, calls) => {
      const chosen = chooseTier(own, calls);
      const named = namedBy(own, calls);
      return named.includes(chosen) && named.every((one) => isAtLeast(chosen, one));
    }),
    { seed },
  );
  t.pass("the strongest of those that are named");
});

test(`more risk never weakens a tier (seed ${seed})`, async (t) => {
  fc.assert(
    fc.property(sandbox, risk, tier, (own, calls, advised) => {
      const before = chooseTier(own, calls);
      const raised = [{ isUntrusted: true }, { carriesCode: true }];
      const more = calls.advised === undefined ? [...raised, { advised }] : raised;
      return more.every((one) => isAtLeast(chooseTier(own, { ...calls, ...one }), before));
    }),
    { seed },
  );
  t.pass("as strong, or stronger");
});

type Own = Parameters<typeof chooseTier>[0];

function namedBy({ tier: own, escalate }: Own, calls: Risk): readonly (Tier | undefined)[] {
  return [
    own,
    calls.isUntrusted ? escalate.untrusted : undefined,
    calls.carriesCode ? escalate.code : undefined,
    calls.advised,
  ];
}

function isAtLeast(one: Tier, other: Tier | undefined): boolean {
  return other === undefined || tiers.indexOf(one) >= tiers.indexOf(other);
}

test("a call is untrusted where its session is, or what its arguments carry", async (t) => {
  const allow: Verdict = { kind: "allow", rules: [] };
  const [trusted, untrusted] = ["trusted", "untrusted"] as const;
  t.equal(riskOf(traced(trusted, trusted), allow).isUntrusted, false);
  t.equal(riskOf(traced(trusted, untrusted), allow).isUntrusted, true);
  t.equal(riskOf(traced(untrusted, trusted), allow).isUntrusted, true);
});

test("a call carries code where an argument with that role is there, an empty one too", async (t) => {
  const allow: Verdict = { kind: "allow", rules: [] };
  t.equal(riskOf(traced("trusted", "trusted", { text: "rm" }), allow).carriesCode, false);
  t.equal(riskOf(traced("trusted", "trusted", { command: [] }), allow).carriesCode, true);
  t.equal(riskOf(traced("trusted", "trusted", { toString: "x" }), allow).carriesCode, false);
});

test("policy advises, whether it allows or asks", async (t) => {
  const verdicts: readonly Verdict[] = [
    { kind: "allow", rules: [], tier: "gvisor" },
    { kind: "ask", rules: [], questions: ["?"], tier: "gvisor" },
  ];
  for (const verdict of verdicts)
    t.equal(riskOf(traced("trusted", "trusted"), verdict).advised, "gvisor");
  t.notOk(
    "advised" in
      riskOf(traced("trusted", "trusted"), { kind: "deny", code: "POLICY_DENIED", rules: [] }),
  );
});

function traced(session: Integrity, args: Integrity, named: object = {}): Traced {
  return {
    session: { label: { integrity: session, confidentiality: "public" } },
    argumentsLabel: { integrity: args, confidentiality: "public" },
    tool: { manifest: { roles: { command: "command", text: "content" } } },
    proposal: { arguments: named },
  } as unknown as Traced;
}
