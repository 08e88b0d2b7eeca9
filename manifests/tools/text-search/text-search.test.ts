import { test } from "tap";
import { manifestIn } from "../testing.ts";
import { run } from "./text-search.ts";

const text = "one fish\ntwo Fish\r\nred f.sh";

test("the manifest is as the gateway reads it", (t) => {
  t.match(manifestIn(import.meta.dirname), { name: "text.search", effects: ["read"] });
  t.end();
});

test("finds a pattern with line and column", (t) => {
  t.same(run({ text, pattern: "f.sh" }), {
    matches: [
      { line: 1, column: 5, match: "fish", text: "one fish" },
      { line: 3, column: 5, match: "f.sh", text: "red f.sh" },
    ],
    more: false,
  });
  t.end();
});

test("plain text, and without regard to case", (t) => {
  const lines = (args: { literal?: boolean; ignoreCase?: boolean; pattern: string }) =>
    run({ text, ...args }).matches.map(({ line }) => line);
  t.same(lines({ pattern: "f.sh", literal: true }), [3]);
  t.same(lines({ pattern: "fish", ignoreCase: true }), [1, 2]);
  t.same(lines({ pattern: "F.SH", literal: true, ignoreCase: true }), [3]);
  t.end();
});

test("says when there are more matches than the limit, and not when there are as many", (t) => {
  t.match(run({ text: "a a a", pattern: "a", limit: 2 }), { matches: { length: 2 }, more: true });
  t.match(run({ text: "a a a", pattern: "a", limit: 3 }), { matches: { length: 3 }, more: false });
  t.end();
});

test("an empty match moves on, and long lines are cut around the match", (t) => {
  t.match(run({ text: "ab", pattern: "x*", limit: 10 }), { more: false });
  const [match] = run({
    text: `${"x".repeat(5_000)}needle${"\u{1f600}".repeat(600)}`,
    pattern: "needle.*",
  }).matches;
  t.equal(match?.column, 5_001);
  t.equal(match?.text.length, 500);
  t.ok(match?.text.includes("needle") && match.match.isWellFormed());
  t.end();
});

test("attack: a pattern that would explode in a backtracking engine is linear here", (t) => {
  t.same(run({ text: `${"a".repeat(50_000)}!`, pattern: "(a+)+$" }).matches, []);
  t.end();
});

test("a pattern that RE2 does not know is an error that says so", (t) => {
  t.throws(() => run({ text, pattern: "(?<=a)b" }), /no RE2 expression/);
  t.end();
});
