import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { test } from "tap";
import type { Manifest } from "../manifests/manifest.ts";
import type { Verdict } from "../manifests/verdict.ts";
import { compilePolicies } from "./engine.ts";
import { parsePolicies } from "./parse.ts";
import { decideReference, scopeMatches } from "./reference.ts";
import type { PolicyRequest } from "./request.ts";
import { toolShapes } from "./schema.ts";
import { Slices } from "./slices.ts";
import { sampleRequest, sampleTool } from "./testing.ts";

/** Small domains, so that scopes match, cached decisions come back, and rules meet each other. */
const seed = 20_260_822;
const text = { type: "string" };
const properties = {
  s: text,
  n: { type: "integer" },
  opt: text,
  amount: { type: "number" },
  list: { type: "array", items: text },
  inner: { type: "object", properties: { deep: text } },
};
const required = ["s", "n", "amount", "list"];
const input = { type: "object", additionalProperties: false, properties, required };
const tools: readonly Manifest[] = [
  sampleTool("reader", {}, { input, effects: ["read"] }),
  sampleTool("writer", {}, { input, effects: ["write"] }),
  sampleTool("sender", {}, { input, effects: ["write", "external"] }),
  sampleTool("fetcher", {}, { input, effects: ["read", "external"] }),
];
const shapes = toolShapes(tools);

const principalScope = fc.constantFrom(
  "principal",
  "principal",
  'principal == Agent::"a1"',
  'principal == Agent::"a2"',
  'principal in Agent::"a1"',
  'principal in Group::"g1"',
  'principal in Group::"g2"',
  "principal is Agent",
  'principal is Agent in Group::"g1"',
);
const actionScope = fc.constantFrom(
  "action",
  'action == Action::"reader"',
  'action == Action::"sender"',
  'action in Action::"write"',
  'action in Action::"external"',
  'action in Action::"call"',
  'action in [Action::"reader", Action::"external"]',
  'action in Action::"fetcher"',
);
const resourceScope = fc.constantFrom(
  "resource",
  "resource",
  "resource is Session",
  'resource == Session::"s1"',
);
const atom = fc.constantFrom(
  "true",
  "resource.tainted",
  'resource.confidentiality == "secret"',
  'context.args.s == "x"',
  "context.args.n > 1",
  // Errs for every n above zero: Cedar's numbers do not wrap around.
  "context.args.n + 9223372036854775807 > 0",
  // Errs for an amount that has more than four fractional digits.
  'context.args.amount.greaterThan(decimal("1.5"))',
  'context.args has opt && context.args.opt like "x*"',
  "context.args has inner.deep",
  'context.args has inner && context.args.inner has deep && context.args.inner.deep == "x"',
  'context.args.list.containsAny(["x", "y"])',
  '(if resource.tainted then context.args else context.args).s == "x"',
  '{ "Var": context.args, ".": 1 }.Var.n > 1',
  '[context.args.s, "y"].contains("x")',
  'context.findings.contains("secret")',
  "context.roles has destination && !context.roles.destination.endorsed",
  'context.roles has destination && context.roles.destination.weakest == "task"',
  'context.needs.hosts.contains("h.example")',
  'principal in Group::"g2"',
  'principal == Agent::"a2"',
  'resource == Session::"s1"',
  'action in Action::"write"',
  // Literal entities may be the request's own, and err where they are not.
  'Session::"s1".tainted',
  'Agent::"a1" in Group::"g1"',
);
const condition = fc.oneof(
  atom,
  fc.tuple(atom, atom).map(([a, b]) => `(${a}) && (${b})`),
  fc.tuple(atom, atom).map(([a, b]) => `(${a}) || (${b})`),
  fc.tuple(atom, atom, atom).map(([a, b, c]) => `if (${a}) then (${b}) else (${c})`),
  atom.map((a) => `!(${a})`),
);
const policy = fc.record({
  effect: fc.constantFrom(
    ...["permit", "permit", "permit", "permit", "forbid", "forbid-ask", "forbid-ask"],
    ...["container", "gvisor", "block", "block"],
  ),
  scope: fc.tuple(principalScope, actionScope, resourceScope),
  conditions: fc.array(fc.tuple(fc.constantFrom("when", "unless"), condition), { maxLength: 2 }),
});

function policyText(spec: typeof policy extends fc.Arbitrary<infer T> ? T : never, id: number) {
  const terms = termsOf(spec.effect, id);
  const conditions = spec.conditions.map(([kind, body]) => `${kind} { ${body} }`).join(" ");
  const effect = spec.effect === "permit" ? "permit" : "forbid";
  return `@id("p${id}") @reason("r") ${terms}\n${effect} (${spec.scope.join(", ")}) ${conditions};`;
}

function termsOf(effect: string, id: number): string {
  if (effect === "forbid-ask") return `@ask("q${id}?")`;
  if (effect === "block") return `@output("injection: ${id % 2 ? "ask" : "block"}")`;
  return effect === "container" || effect === "gvisor" ? `@tier("${effect}")` : "";
}

const policies = fc
  .array(policy, { minLength: 1, maxLength: 10 })
  .map((specs) => specs.map(policyText));

const request: fc.Arbitrary<PolicyRequest> = fc
  .record({
    tool: fc.constantFrom(...shapes.keys()),
    principal: fc.record({
      id: fc.constantFrom("a1", "a2", "a3"),
      groups: fc.subarray(["g1", "g2", "g3"]),
    }),
    session: fc.record({
      id: fc.constantFrom("s1", "s2"),
      tainted: fc.boolean(),
      confidentiality: fc.constantFrom("public" as const, "secret" as const),
    }),
    arguments: fc.record(
      {
        s: fc.constantFrom("x", "y"),
        n: fc.constantFrom(-5, 0, 3),
        amount: fc.constantFrom(1.5, 2, 1.00001, -3.25, 1e20),
        list: fc.subarray(["x", "z"]),
        opt: fc.constantFrom("x", "xx", "z"),
        inner: fc.constantFrom({}, { deep: "x" }, { deep: "y", more: 1.5 }),
      },
      { requiredKeys: ["s", "n", "amount", "list"] },
    ),
    roles: fc.constantFrom(
      {},
      { destination: { weakest: "task" as const, count: 1 } },
      { destination: { weakest: "untrusted" as const, count: 2 } },
    ),
    findings: fc.constantFrom([], ["secret:aws-key"], ["disguise:bidi"]),
    needs: fc.record({
      hosts: fc.subarray(["h.example"]),
      reads: fc.constant([]),
      writes: fc.constant([]),
    }),
  })
  .map((parts) => sampleRequest(parts.tool, parts));

test(`the engine says what the reference says (seed ${seed})`, async (t) => {
  const seen = {
    allow: 0,
    ask: 0,
    POLICY_DENIED: 0,
    POLICY_ERROR: 0,
    hits: 0,
    tiers: 0,
    outputs: 0,
  };
  fc.assert(
    fc.property(policies, fc.array(request, { minLength: 6, maxLength: 12 }), (texts, requests) => {
      const sources = [{ file: "random.cedar", text: texts.join("\n") }];
      const engine = compilePolicies(sources, tools);
      const parsed = parsePolicies(sources);
      for (const one of [...requests, ...requests]) {
        const shape = shapes.get(one.tool);
        if (shape === undefined) throw new Error("no such tool");
        const verdict = engine.decide(one);
        deepStrictEqual(verdict, decideReference(parsed, one, shape));
        for (const kind of kindsOf(verdict)) seen[kind] += 1;
      }
      seen.hits += engine.stats.hits;
    }),
    { seed, numRuns: 80 },
  );
  t.ok(
    Object.values(seen).every((count) => count > 20),
    JSON.stringify(seen),
  );
});

type Kind = "allow" | "ask" | "POLICY_DENIED" | "POLICY_ERROR" | "tiers" | "outputs";

function kindsOf(verdict: Verdict): readonly Kind[] {
  if (verdict.kind === "deny") return [verdict.code];
  const { kind, tier, output } = verdict;
  return [kind, ...(tier ? (["tiers"] as const) : []), ...(output ? (["outputs"] as const) : [])];
}

test(`a slice holds every policy whose scope can match (seed ${seed})`, async (t) => {
  fc.assert(
    fc.property(policies, request, (texts, one) => {
      const parsed = parsePolicies([{ file: "random.cedar", text: texts.join("\n") }]);
      const shape = shapes.get(one.tool);
      if (shape === undefined) throw new Error("no such tool");
      const slice = new Slices(parsed).of(shape, one.principal).policies.map(({ id }) => id);
      const wanted = parsed.filter(({ json }) => scopeMatches(json, one.principal, shape));
      return (
        slice.toSorted().join() ===
        wanted
          .map(({ id }) => id)
          .sort()
          .join()
      );
    }),
    { seed, numRuns: 300 },
  );
  t.pass("slices and scopes agree");
});

test(`a policy more that names a tier lets nothing more pass, and lowers no tier (seed ${seed})`, async (t) => {
  const raises = '@id("raises") @reason("r") @tier("gvisor") forbid (principal, action, resource);';
  const compile = (texts: readonly string[]) =>
    compilePolicies([{ file: "a.cedar", text: texts.join("\n") }], tools);
  fc.assert(
    fc.property(policies, request, (texts, one) => {
      const before = compile(texts).decide(one);
      const after = compile([...texts, raises]).decide(one);
      if (before.kind === "deny") return after.kind === "deny";
      return after.kind === before.kind && after.tier === "gvisor";
    }),
    { seed, numRuns: 40 },
  );
  t.pass("the same verdicts, each in the stronger tier");
});

test(`the order of policies and files does not matter (seed ${seed})`, async (t) => {
  fc.assert(
    fc.property(policies, request, (texts, one) => {
      const forward = [{ file: "a.cedar", text: texts.join("\n") }];
      const backward = texts.toReversed().map((text, index) => ({ file: `${index}.cedar`, text }));
      const [first, second] = [compilePolicies(forward, tools), compilePolicies(backward, tools)];
      deepStrictEqual(first.decide(one), second.decide(one));
      return first.digest === second.digest;
    }),
    { seed, numRuns: 40 },
  );
  t.pass("verdicts and digests agree");
});

test(`a forbid more never allows more, and an error always denies (seed ${seed})`, async (t) => {
  const wall = '@id("wall") @reason("r") forbid (principal, action, resource);';
  const error =
    '@id("errs") @reason("r") forbid (principal, action, resource)' +
    " when { context.args.n + 9223372036854775807 + 10 > 0 };";
  const compile = (texts: readonly string[]) =>
    compilePolicies([{ file: "a.cedar", text: texts.join("\n") }], tools);
  fc.assert(
    fc.property(policies, request, (texts, one) => {
      const walled = compile([...texts, wall]).decide(one);
      const erring = compile([...texts, error]).decide(one);
      return (
        walled.kind === "deny" &&
        erring.kind === "deny" &&
        erring.code === "POLICY_ERROR" &&
        erring.rules.includes("errs")
      );
    }),
    { seed, numRuns: 40 },
  );
  t.pass("all denied");
});
