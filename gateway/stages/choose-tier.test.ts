import fc from "fast-check";
import { test } from "tap";
import type { Source } from "../../manifests/label.ts";
import { type Tier, tiers } from "../../manifests/tier.ts";
import type { Verdict } from "../../manifests/verdict.ts";
import type { Traced, TracedElement } from "../state.ts";
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

test("a call is untrusted where its session is, or where nobody stands behind an argument", async (t) => {
  const allow: Verdict = { kind: "allow", rules: [] };
  t.equal(riskOf(traced(["task", "trusted", "derived"]), allow).isUntrusted, false);
  t.equal(riskOf(traced([]), allow).isUntrusted, false);
  for (const source of ["unknown", "untrusted"] as const) {
    t.equal(riskOf(traced(["task", source]), allow).isUntrusted, true, source);
  }
  const tainted = { label: { integrity: "untrusted", confidentiality: "public" } };
  const own = { ...traced(["task"]), session: tainted } as unknown as Traced;
  t.equal(riskOf(own, allow).isUntrusted, true);
});

test("a call carries code where an argument with that role is there, an empty one too", async (t) => {
  const allow: Verdict = { kind: "allow", rules: [] };
  t.equal(riskOf(traced([], { text: "rm" }), allow).carriesCode, false);
  t.equal(riskOf(traced([], { command: [] }), allow).carriesCode, true);
  t.equal(riskOf(traced([], { toString: "x" }), allow).carriesCode, false);
});

test("policy advises, whether it allows or asks", async (t) => {
  const verdicts: readonly Verdict[] = [
    { kind: "allow", rules: [], tier: "gvisor" },
    { kind: "ask", rules: [], questions: ["?"], tier: "gvisor" },
  ];
  for (const verdict of verdicts) t.equal(riskOf(traced([]), verdict).advised, "gvisor");
  t.notOk("advised" in riskOf(traced([]), { kind: "deny", code: "POLICY_DENIED", rules: [] }));
});

function traced(sources: readonly Source[], args: object = {}): Traced {
  const elements = sources.map(
    (source): TracedElement => ({ path: "/a", role: "content", source }),
  );
  return {
    elements,
    session: { label: { integrity: "trusted", confidentiality: "public" } },
    tool: { manifest: { roles: { command: "command", text: "content" } } },
    proposal: { arguments: args },
  } as unknown as Traced;
}
