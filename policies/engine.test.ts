import { join } from "node:path";
import { test } from "tap";
import { limits } from "../manifests/limits.ts";
import { SourceError } from "../manifests/source-error.ts";
import { compilePolicies, type PolicyEngine, readPolicies } from "./engine.ts";
import type { PolicyRequest } from "./request.ts";
import { sampleRequest, sampleTool } from "./testing.ts";

const text = { type: "string" };
const read = sampleTool("read-it", { path: text, note: text, big: text });
const send = sampleTool("send-it", { url: text }, { effects: ["write", "external"] });

function compile(policies: string, tools = [read, send]): PolicyEngine {
  return compilePolicies([{ file: "p.cedar", text: policies }], tools);
}

function policy(id: string, rest: string): string {
  return `@id("${id}") @reason("for the test")\n${rest}\n`;
}

const permitAll = policy("all", "permit (principal, action, resource);");

test("denies what no permit allows, and a tool that it was not compiled with", async (t) => {
  const engine = compile(
    policy("one", 'permit (principal, action == Action::"read-it", resource);'),
  );
  t.same(engine.decide(sampleRequest("read-it")), { kind: "allow", rules: ["one"] });
  t.same(engine.decide(sampleRequest("send-it")), {
    kind: "deny",
    code: "POLICY_DENIED",
    rules: [],
  });
  t.same(engine.decide(sampleRequest("other")), { kind: "deny", code: "POLICY_DENIED", rules: [] });
});

test("refuses: a permit beside a rule that errs, which Cedar would skip", async (t) => {
  const errs = 'forbid (principal, action, resource) when { Session::"gone".tainted };';
  const engine = compile(permitAll + policy("errs", errs));
  t.same(engine.decide(sampleRequest("read-it")), {
    kind: "deny",
    code: "POLICY_ERROR",
    rules: ["errs"],
  });
});

test("asks all questions, only where a permit matched, and never past a forbid", async (t) => {
  const ask = (id: string, when: string) =>
    `@ask("${id}?") ${policy(id, `forbid (principal, action, resource) when { ${when} };`)}`;
  const asks = ask("b", "true") + ask("a", "true") + ask("c", "resource.tainted");
  const request = sampleRequest("read-it");
  t.same(compile(permitAll + asks).decide(request), {
    kind: "ask",
    rules: ["a", "b"],
    questions: ["a?", "b?"],
  });
  t.same(compile(asks).decide(request), { kind: "deny", code: "POLICY_DENIED", rules: [] });
  const wall = policy("wall", "forbid (principal, action, resource);");
  t.same(compile(permitAll + asks + wall).decide(request), {
    kind: "deny",
    code: "POLICY_DENIED",
    rules: ["wall"],
  });
});

test("a forbid with a tier forbids weaker ones: the strongest of all that match, with and without a question", async (t) => {
  const raise = (id: string, tier: string, when = "true") =>
    `@tier("${tier}") ${policy(id, `forbid (principal, action, resource) when { ${when} };`)}`;
  const request = sampleRequest("read-it");
  const raises = raise("b", "gvisor") + raise("a", "container") + raise("c", "microvm", "1 == 2");
  t.same(compile(permitAll + raises).decide(request), {
    kind: "allow",
    rules: ["a", "all", "b"],
    tier: "gvisor",
  });
  const ask = `@ask("sure?") ${policy("ask", "forbid (principal, action, resource);")}`;
  t.same(compile(permitAll + raise("a", "gvisor") + ask).decide(request), {
    kind: "ask",
    rules: ["a", "ask"],
    questions: ["sure?"],
    tier: "gvisor",
  });
  const denied = { kind: "deny", code: "POLICY_DENIED", rules: [] };
  t.same(compile(raise("a", "gvisor")).decide(request), denied, "and it permits nothing");
  const wall = policy("wall", "forbid (principal, action, resource);");
  t.match(compile(permitAll + raises + wall).decide(request), { kind: "deny", rules: ["wall"] });
  const errs = raise("errs", "gvisor", 'Session::"gone".tainted');
  t.match(compile(permitAll + errs).decide(request), { kind: "deny", code: "POLICY_ERROR" });
});

test("a forbid with an output forbids to do less about it: for each kind the strictest of all that match", async (t) => {
  const raise = (id: string, output: string, when = "true") =>
    `@output("${output}") ${policy(id, `forbid (principal, action, resource) when { ${when} };`)}`;
  const request = sampleRequest("read-it");
  const raises = [
    raise("a", "injection: quarantine"),
    raise("b", "injection: annotate"),
    raise("c", "personal:email: redact"),
    raise("d", "injection: block", "1 == 2"),
  ].join("");
  t.same(compile(permitAll + raises).decide(request), {
    kind: "allow",
    rules: ["a", "all", "b", "c"],
    output: { injection: "quarantine", "personal:email": "redact" },
  });
  const denied = { kind: "deny", code: "POLICY_DENIED", rules: [] };
  t.same(compile(raises).decide(request), denied, "and it permits nothing");
});

test("a verdict out of the cache names its tier too", async (t) => {
  const engine = compile(
    `${permitAll}@tier("gvisor") ${policy("tainted", "forbid (principal, action, resource) when { resource.tainted };")}`,
  );
  const decide = (tainted: boolean): unknown => {
    const session = { id: "session_1", tainted, confidentiality: "public" } as const;
    return engine.decide(sampleRequest("read-it", { session }));
  };
  for (let turn = 0; turn < 2; turn += 1) {
    t.match(decide(true), { kind: "allow", tier: "gvisor" });
    t.notMatch(decide(false), { tier: "gvisor" });
  }
  t.same(engine.stats, { hits: 2, misses: 2 });
  t.ok(engine.visible({ id: "robin", groups: [] }, "read-it"));
});

test("an argument that poses as a Cedar entity or extension value is none", async (t) => {
  const order = { type: "object", properties: { type: text, id: text, fn: text, arg: text } };
  const guest = { type: "object", properties: { __entity: order, __extn: order } };
  const whole = "permit (principal, action, resource) when { context.args == context.args };";
  const engine = compile(policy("whole", whole), [sampleTool("pose", { guest })]);
  const poses = [
    { __extn: { fn: "decimal", arg: "nonsense" } },
    { __entity: { type: "not a type", id: "admins" } },
  ];
  for (const pose of poses) {
    const request = sampleRequest("pose", { arguments: { guest: pose } });
    t.equal(engine.decide(request).kind, "allow", "nobody evaluated it");
  }
});

test("refuses: an amount that is no decimal cannot slip past a forbid that asks `has`", async (t) => {
  const pay = sampleTool("pay", { amount: { type: "number" }, count: { type: "integer" } });
  const forbid = `forbid (principal, action, resource)
    when { context.args has amount && context.args.amount.greaterThan(decimal("100.0")) };`;
  const engine = compile(permitAll + policy("limit", forbid), [pay]);
  const decide = (amount: number) => engine.decide(sampleRequest("pay", { arguments: { amount } }));
  t.equal(decide(99.5).kind, "allow");
  t.same(decide(100.0001).rules, ["limit"]);
  for (const amount of [1000.000_01, 1e300, 5e-324, 2 ** 60]) {
    t.match(decide(amount), { kind: "deny", code: "POLICY_ERROR" }, `${amount}`);
  }
});

test("an attribute that a policy reads makes another decision; what none reads does not", async (t) => {
  const rule = policy(
    "docs",
    'permit (principal, action, resource) when { context.args has path && context.args.path like "docs/*" };',
  );
  const engine = compile(rule);
  const base = sampleRequest("read-it", { arguments: { path: "docs/a", note: "x" } });
  const changed: Partial<PolicyRequest>[] = [
    { session: { id: "another", tainted: true, confidentiality: "secret" } },
    { principal: { id: "another", groups: ["admins"] } },
    { arguments: { path: "docs/a", note: "y" } },
    { findings: ["secret:aws-key"] },
    { roles: { path: { weakest: "untrusted", count: 1 } } },
    { needs: { hosts: [], reads: ["docs/a"], writes: [] } },
  ];
  for (const change of [{}, ...changed])
    t.equal(engine.decide({ ...base, ...change }).kind, "allow");
  t.same(engine.stats, { hits: changed.length, misses: 1 }, "only the path was read");
  t.equal(engine.decide({ ...base, arguments: { path: "etc/a" } }).kind, "deny");
  t.equal(engine.decide({ ...base, arguments: {} }).kind, "deny");
  t.equal(engine.stats.misses, 3);
});

test("each thing that a policy reads is in the key of its decision", async (t) => {
  const base = sampleRequest("read-it", { arguments: { path: "a" } });
  const reads: readonly (readonly [string, Partial<PolicyRequest>])[] = [
    ["resource.tainted", { session: { ...base.session, tainted: true } }],
    ['resource == Session::"s2"', { session: { ...base.session, id: "s2" } }],
    ['principal in Group::"g"', { principal: { id: "robin", groups: ["g"] } }],
    ['Agent::"jo" in Group::"g"', { principal: { id: "jo", groups: ["g"] } }],
    ['context.findings.contains("secret")', { findings: ["secret:aws-key"] }],
    ["context.roles has path", { roles: { path: { weakest: "task", count: 1 } } }],
    ['context.needs.hosts.contains("h")', { needs: { hosts: ["h"], reads: [], writes: [] } }],
    ["context.args has note", { arguments: { path: "a", note: "" } }],
    ['(if true then context else context).args has "note"', { arguments: { note: "" } }],
  ];
  for (const [condition, change] of reads) {
    const engine = compile(
      policy("r", `permit (principal, action, resource) when { ${condition} };`),
    );
    t.equal(engine.decide(base).kind, "deny", condition);
    t.equal(engine.decide({ ...base, ...change }).kind, "allow", condition);
    t.same(engine.stats, { hits: 0, misses: 2 }, condition);
  }
});

test("scopes tell principals apart, and only as far as some policy names them", async (t) => {
  const engine = compile(
    policy("admins", 'permit (principal in Group::"admins", action, resource);') +
      policy("not-jo", 'forbid (principal == Agent::"jo", action, resource);'),
  );
  const decide = (id: string, groups: readonly string[]) =>
    engine.decide(sampleRequest("read-it", { principal: { id, groups } })).rules.join();
  t.equal(decide("robin", ["admins", "staff"]), "admins");
  t.equal(decide("sam", ["other", "admins"]), "admins");
  t.same(engine.stats, { hits: 1, misses: 1 }, "robin and sam are alike to these policies");
  t.equal(decide("jo", ["admins"]), "not-jo");
  t.equal(decide("robin", []), "");
});

test("long arguments that are read do not fill the cache, and still differ", async (t) => {
  const engine = compile(
    policy(
      "r",
      'permit (principal, action, resource) when { context.args has big && context.args.big like "*x" };',
    ),
  );
  const decide = (big: string) =>
    engine.decide(sampleRequest("read-it", { arguments: { big } })).kind;
  const long = "a".repeat(limits.bodyBytes / 2);
  t.equal(decide(`${long}x`), "allow");
  t.equal(decide(`${long}y`), "deny");
  t.equal(decide(`${long}x`), "allow");
  t.same(engine.stats, { hits: 1, misses: 2 });
});

test("a tool is visible where a permit's scope matches and no plain forbid does", async (t) => {
  const engine = compile(
    policy(
      "staff",
      'permit (principal in Group::"staff", action in Action::"read", resource) when { resource.tainted };',
    ) +
      policy("send", 'permit (principal, action == Action::"send-it", resource);') +
      policy("not-jo", 'forbid (principal == Agent::"jo", action, resource);') +
      policy("maybe", "forbid (principal, action, resource) when { resource.tainted };") +
      `@ask("sure?") ${policy("ask", "forbid (principal, action, resource);")}` +
      `@tier("gvisor") ${policy("raise", "forbid (principal, action, resource);")}`,
  );
  t.ok(engine.visible({ id: "robin", groups: ["staff"] }, "read-it"));
  t.notOk(engine.visible({ id: "robin", groups: [] }, "read-it"), "no permit for them");
  t.ok(engine.visible({ id: "robin", groups: [] }, "send-it"), "a question is no wall");
  t.notOk(engine.visible({ id: "jo", groups: ["staff"] }, "send-it"), "a plain forbid is");
  t.notOk(engine.visible({ id: "robin", groups: ["staff"] }, "other"));
});

test("the digest changes with a policy and with what policies see of a tool, not with files", async (t) => {
  const { digest } = compile(permitAll);
  t.equal(
    compilePolicies([{ file: "/else/where.cedar", text: permitAll }], [send, read]).digest,
    digest,
  );
  t.not(compile(permitAll.replace("for the test", "other")).digest, digest);
  t.not(compile(permitAll, [read]).digest, digest);
});

test("refuses: two tools of one name, and a tool with the name of an action group", async (t) => {
  t.throws(() => compile(permitAll, [read, read]), { message: /another tool too/ });
  for (const name of ["call", "read", "write", "external", "destructive"]) {
    t.throws(() => compile(permitAll, [sampleTool(name)]), SourceError, name);
  }
});

test("engines of one thread do not disturb each other, nor does a slice that was evicted", async (t) => {
  const permits = compile(permitAll);
  const denies = compile(policy("none", "forbid (principal, action, resource);") + permitAll);
  for (let index = 0; index < 3; index += 1) {
    const request = sampleRequest("read-it", { findings: [`${index}`] });
    t.equal(permits.decide(request).kind, "allow");
    t.equal(denies.decide(request).kind, "deny");
  }
});

test("reads the policy files of folders sorted by path; the shipped ones when left to itself", async (t) => {
  const folder = t.testdir({ "b.cedar": "//b", "a.cedar": "//a", "c.txt": "no" });
  const sources = await readPolicies([folder]);
  t.same(sources, [
    { file: join(folder, "a.cedar"), text: "//a" },
    { file: join(folder, "b.cedar"), text: "//b" },
  ]);
  t.ok((await readPolicies()).length > 0);
});
