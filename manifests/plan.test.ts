import fc from "fast-check";
import { test } from "tap";
import { isPlanned, type Plan, planSchema, planWithin } from "./plan.ts";
import { provenanceLimits } from "./provenance-limits.ts";

const plan: Plan = [
  { tool: "mail.send", arguments: { to: ["bob@desk.example", "*@team.example"], subject: "*" } },
  { tool: "pay", arguments: { amount: 50, urgent: false } },
  { tool: "files.write", arguments: { path: "notes/*.md" } },
];

test("a call is planned where each argument that the plan names fits", (t) => {
  const rows = [
    ["mail.send", { to: ["bob@desk.example"], subject: "hi" }, true],
    [
      "mail.send",
      { to: ["bob@desk.example", "eve@team.example"], subject: "", body: "free" },
      true,
    ],
    ["mail.send", { to: "bob@desk.example", subject: "x" }, true],
    ["mail.send", { to: ["bob@desk.example", "eve@evil.example"], subject: "hi" }, false],
    ["mail.send", { to: ["bob@desk.example"] }, false],
    ["mail.send", { to: [], subject: "hi" }, false],
    ["mail.send", { to: [{ address: "bob@desk.example" }], subject: "hi" }, false],
    ["pay", { amount: 50, urgent: false }, true],
    ["pay", { amount: "50", urgent: false }, false],
    ["pay", { amount: 50.5, urgent: false }, false],
    ["files.write", { path: "notes/a.md" }, true],
    ["files.write", { path: "notes/.md" }, true],
    ["files.write", { path: "notes/a.md.sh" }, false],
    ["files.write", { path: "my/notes/a.md" }, false],
    ["files.delete", {}, false],
  ] as const;
  for (const [tool, args, isIn] of rows) {
    const value = JSON.parse(JSON.stringify(args));
    t.equal(isPlanned(plan, tool, value), isIn, `${tool} ${JSON.stringify(args)}`);
  }
  t.notOk(isPlanned([], "pay", {}), "an empty plan lets nothing through");
  t.end();
});

test("a star stands for any characters, and no two of them for the same ones", (t) => {
  const text = (pattern: string, value: string): boolean =>
    isPlanned([{ tool: "t", arguments: { a: pattern } }], "t", { a: value });
  for (const [pattern, value, isIn] of [
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["*ab*ab*", "ab", false],
    ["*ab*ab*", "xabyabz", true],
    ["*", "", true],
    ["**", "x", true],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
  ] as const) {
    t.equal(text(pattern, value), isIn, `${pattern} ${value}`);
  }
  t.end();
});

test("a child's plan is within its parent's only where each of its calls is", (t) => {
  t.ok(planWithin(plan, plan));
  t.ok(planWithin([], plan));
  t.ok(planWithin([{ tool: "pay", arguments: { amount: 50, urgent: false, subject: "x" } }], plan));
  t.ok(planWithin([{ tool: "files.write", arguments: { path: "notes/sub/*.md" } }], plan));
  for (const wider of [
    { tool: "pay", arguments: { amount: 50 } },
    { tool: "pay", arguments: { amount: [50, 60], urgent: false } },
    { tool: "files.write", arguments: { path: "*" } },
    { tool: "files.delete", arguments: {} },
  ]) {
    t.notOk(planWithin([wider], plan), JSON.stringify(wider));
  }
  t.end();
});

test("whatever a plan within another lets through, the other does too", (t) => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 5 });
  const value = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 6 });
  const one = (pattern: string): Plan => [{ tool: "t", arguments: { a: pattern } }];
  fc.assert(
    fc.property(letters, letters, value, (part, whole, text) => {
      if (!planWithin(one(part), one(whole))) return true;
      return !isPlanned(one(part), "t", { a: text }) || isPlanned(one(whole), "t", { a: text });
    }),
    { seed: 20261123, numRuns: 2_000 },
  );
  t.end();
});

test("a plan has a length, and so has what stands in it", (t) => {
  const calls = (count: number) => Array(count).fill({ tool: "pay" });
  t.ok(planSchema.safeParse(calls(provenanceLimits.plannedCalls)).success);
  t.notOk(planSchema.safeParse(calls(provenanceLimits.plannedCalls + 1)).success);
  const values = (count: number) => [{ tool: "pay", arguments: { amount: Array(count).fill(1) } }];
  t.ok(planSchema.safeParse(values(provenanceLimits.planValues)).success);
  t.notOk(planSchema.safeParse(values(provenanceLimits.planValues + 1)).success);
  t.notOk(planSchema.safeParse([{ tool: "pay", amount: 1 }]).success);
  t.end();
});
