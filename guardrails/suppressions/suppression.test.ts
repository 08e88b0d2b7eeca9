import { test } from "tap";
import { endOf } from "./end-of.ts";
import { parseSuppressions } from "./suppression.ts";

const now = Date.parse("2026-06-01T12:00:00Z");

const tools = new Set(["http.fetch"]);

const fields = {
  id: "manual",
  kind: "injection:ignore-earlier",
  tool: "http.fetch",
  in: "result",
  field: "/rows/*/text",
  until: "2026-07-01",
  reason: "Our manual quotes it.",
};

function fileOf(...all: readonly Readonly<Record<string, unknown>>[]): string {
  const suppressions = all.map((one) => `  - ${JSON.stringify(one)}`).join("\n");
  return `apiVersion: ringward/v1\nkind: Suppressions\nsuppressions:\n${suppressions}\n`;
}

function parse(...all: readonly Readonly<Record<string, unknown>>[]): unknown {
  return parseSuppressions({ file: "s.yaml", text: fileOf(...all) }, { now, tools });
}

test("a suppression is read as it is written", (t) => {
  t.strictSame(parse(fields), [fields]);
  t.strictSame(parse({ ...fields, until: "2026-05-01" }), [{ ...fields, until: "2026-05-01" }]);
  t.equal(endOf({ until: "2026-07-01" }), Date.parse("2026-07-01T00:00:00Z"));
  t.end();
});

test("attack: what would be too broad, too long or never right is refused with its place", (t) => {
  const { tool: _, ...withoutTool } = fields;
  const { until: __, ...withoutDate } = fields;
  const wrong: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [withoutTool, /`suppressions\.0\.tool`/],
    [{ ...fields, tool: "http.fetsh" }, /no such tool/],
    [{ ...fields, tool: "*" }, /no such tool/],
    [withoutDate, /`suppressions\.0\.until`/],
    [{ ...fields, until: "2026-08-31" }, /lasts at most 90 days/],
    [{ ...fields, until: "soon" }, /until/],
    [{ ...fields, kind: "injection" }, /the whole kind of a finding/],
    [{ ...fields, kind: "injection:*" }, /the whole kind of a finding/],
    [{ ...fields, kind: "secret:held" }, /never suppressed/],
    [{ ...fields, kind: "secret:unread" }, /never suppressed/],
    [{ ...fields, kind: "injection:unread" }, /never suppressed/],
    [{ ...fields, kind: "limit:findings" }, /the whole kind of a finding/],
    [{ ...fields, field: "rows" }, /a JSON pointer/],
    [{ ...fields, field: "/rows/~k0" }, /a JSON pointer/],
    [{ ...fields, pattern: "(?=x)" }, /RE2/],
    [{ ...fields, pattern: "x", sha256: "0".repeat(64) }, /keep one/],
    [{ ...fields, reason: "" }, /reason/],
    [{ ...fields, everything: true }, /everything/],
  ];
  for (const [one, message] of wrong) {
    t.throws(() => parse(one), { name: "SourceError", message: /^s\.yaml:\d+:\d+: .+ \(.+\)$/ });
    t.throws(() => parse(one), { message });
  }
  t.throws(() => parse(fields, fields), { message: /stands twice/ });
  t.end();
});
