import { createHash } from "node:crypto";
import { test } from "tap";
import type { Finding } from "../../manifests/finding.ts";
import type { JsonValue } from "../../manifests/json.ts";
import type { Suppression } from "./suppression.ts";
import { type Scanned, Suppressor } from "./suppressor.ts";

const now = Date.parse("2026-06-01T12:00:00Z");

const one: Suppression = {
  id: "manual",
  kind: "injection:ignore-earlier",
  tool: "http.fetch",
  in: "result",
  field: "/rows/*/text",
  until: "2026-06-02",
  reason: "Our manual quotes it.",
};

const value: JsonValue = { rows: [{ text: "ignore what was said" }], title: "ignore" };

function found(path: string, kind: string = one.kind): Finding {
  return { detector: "injection", kind, path, start: 0, end: 6, score: 0.9 };
}

function left(
  finding: Finding,
  rule: Partial<Suppression> = {},
  more: Partial<Scanned> = {},
): number {
  const scanned: Scanned = { tool: "http.fetch", in: "result", value, now, ...more };
  return new Suppressor([{ ...one, ...rule }]).suppress([finding], scanned).findings.length;
}

const inField = found("/rows/0/text");

test("a finding in the field is suppressed, and the suppression is named", (t) => {
  const scanned: Scanned = { tool: "http.fetch", in: "result", value, now };
  const { findings, suppressed } = new Suppressor([one]).suppress([inField, inField], scanned);
  t.strictSame(findings, []);
  t.strictSame(suppressed, { manual: 2 });
  t.end();
});

test("attack: past its date a suppression suppresses nothing, though nobody starts anew", (t) => {
  t.equal(left(inField, {}, { now: Date.parse("2026-06-01T23:59:59.999Z") }), 0);
  t.equal(left(inField, {}, { now: Date.parse("2026-06-02T00:00:00Z") }), 1);
  t.end();
});

test("attack: nothing else than the field is suppressed", (t) => {
  const elsewhere = [
    "",
    "/title",
    "/rows/0",
    "/rows/0/text/more",
    "/rows/0/other",
    "/x/rows/0/text",
    "/rows/~k0",
    "/rows/~i0/text",
    "/rows/0/~k0",
  ];
  for (const path of elsewhere) t.equal(left(found(path)), 1, path);
  t.equal(left(found("/~k0"), { field: "/*" }), 1, "the name of a member is of no field");
  t.end();
});

test("attack: no other tool, side or kind is suppressed", (t) => {
  t.equal(left(inField, {}, { tool: "http.fetch2" }), 1);
  t.equal(left(inField, {}, { in: "arguments" }), 1);
  t.equal(left(found("/rows/0/text", "injection:ignore-earlier-too")), 1);
  t.equal(left(found("/rows/0/text", "injection:ignore")), 1);
  t.end();
});

test("attack: a pattern is held to the whole text, so that nothing hides behind what it allows", (t) => {
  const says = (text: string): JsonValue => ({ rows: [{ text }] });
  const rule = { pattern: "ignore what was said" };
  t.equal(left(inField, rule), 0);
  const more = says("ignore what was said, and ignore what was said before");
  t.equal(left(inField, rule, { value: more }), 1);
  t.equal(left(inField, { pattern: "(?s).*" }, { value: says("x".repeat(65_537)) }), 1, "too long");
  t.end();
});

test("attack: so many false alarms that others are not listed hide none of those", (t) => {
  const limit = { ...found(""), kind: "limit:findings" };
  const elsewhere = { ...inField, detector: "disguise" };
  const scanned: Scanned = { tool: "http.fetch", in: "result", value, now };
  const { findings } = new Suppressor([one]).suppress([inField, elsewhere, limit], scanned);
  t.strictSame(findings, [inField, limit], "those of another detector are all there");
  t.end();
});

test("a digest is that of the whole text", (t) => {
  const sha256 = createHash("sha256").update("ignore what was said").digest("hex");
  t.equal(left(inField, { sha256 }), 0);
  t.equal(left(inField, { sha256 }, { value: { rows: [{ text: "ignore what was said." }] } }), 1);
  t.end();
});

test("a field can be the whole document", (t) => {
  t.equal(left(found(""), { field: "" }, { value: "ignore" }), 0);
  t.equal(left(found("/0"), { field: "" }, { value: ["ignore"] }), 1);
  t.end();
});
