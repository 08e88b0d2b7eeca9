import { statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { test } from "tap";
import { limits } from "../manifests/limits.ts";
import { type Policy, parsePolicies } from "./parse.ts";
import { preparsed } from "./preparsed.ts";

function setOf(id: string): readonly Policy[] {
  const text = `@id("${id}") @reason("r") permit (principal, action, resource);`;
  return parsePolicies([{ file: "p.cedar", text }]);
}

function decidedBy(set: readonly Policy[]): string {
  const answer = statefulIsAuthorized({
    principal: { type: "Agent", id: "a" },
    action: { type: "Action", id: "b" },
    resource: { type: "Session", id: "c" },
    context: {},
    entities: [],
    preparsedPolicySetId: preparsed(set),
  });
  return answer.type === "success" ? answer.response.diagnostics.reason.join() : "failure";
}

test("a name is used again for another set, and never stands for two at once", async (t) => {
  const sets = Array.from({ length: limits.policySlices + 1 }, (_, index) => setOf(`p${index}`));
  const names = sets.map(preparsed);
  t.equal(new Set(names).size, limits.policySlices, "one name more would be one too many");
  t.equal(names.at(-1), names[0], "the set that was not used for longest gave its name");
  for (const index of [0, 1, 2, limits.policySlices]) {
    t.equal(decidedBy(sets[index] ?? []), `p${index}`);
  }
});

test("a set that Cedar cannot parse leaves no name behind", async (t) => {
  const broken = [{ ...(setOf("x")[0] as Policy), text: "permit (" }];
  for (let tries = 0; tries < 3; tries += 1) t.throws(() => preparsed(broken));
  const sets = Array.from({ length: limits.policySlices }, (_, index) => setOf(`q${index}`));
  t.equal(new Set(sets.map(preparsed)).size, limits.policySlices);
});
