import { test } from "tap";
import { signatureLimits } from "../../manifests/signature-limits.ts";
import { documentOf, noContext } from "../detector.ts";
import { injectionDetector } from "./injection.ts";
import { shippedSignatures } from "./shipped-signatures.ts";
import { parseSignatures } from "./signature.ts";

const good = `apiVersion: ringward/v1
kind: Signatures
language: xx
rules:
  - id: xx-obey
    says: Orders.
    owasp: LLM01
    score: 0.5
    needs: [[obey]]
    pattern: 'obey me'
    match: [Obey me now.]
    pass: [They obey the law.]
`;

test("a file of signatures is read, and an id of a language is of the family of all", (t) => {
  const [one] = parseSignatures({ file: "xx.yaml", text: good });
  t.match(one, { id: "xx-obey", family: "obey", score: 0.5 });
  t.end();
});

test("what is wrong is told with the file and the mend", (t) => {
  for (const [from, to, says] of [
    ["kind: Signatures", "kind: Rules", /^xx\.yaml:2:1: `kind`/],
    ["score: 0.5", "score: 1", /`rules\.0\.score`/],
    ["owasp: LLM01", "owasp: A1", /an id like LLM01/],
    [
      "'obey me'",
      "'(obey'",
      /pattern of `xx-obey` is none that RE2 runs \(leave out look-around\)/,
    ],
    ["'obey me'", "'(?=obey)'", /is none that RE2 runs/],
    ["Obey me now.", "Do it.", /`xx-obey` does not match "Do it\." \(mend the pattern\)/],
    ["[[obey]]", "[[submit]]", /needs other words than "Obey me now\." has/],
    ["[[obey]]", "[[Obey, obey]]", /write `needs` in lower case/],
    ["They obey the law.", "They obey me.", /matches "They obey me\." \(narrow the pattern\)/],
    ["    says: Orders.\n", "", /`rules\.0\.says`/],
  ] as const) {
    const text = good.replace(from, to);
    t.not(text, good, from);
    t.throws(() => parseSignatures({ file: "xx.yaml", text }), { message: says });
  }
  t.end();
});

test("each shipped signature has an id of its own", (t) => {
  const ids = shippedSignatures().map(({ id }) => id);
  t.ok(ids.length > 30);
  t.equal(new Set(ids).size, ids.length);
  t.end();
});

test("each example is found, also in the middle of a long text, and nothing around it", async (t) => {
  const far = ". ".repeat(signatureLimits.reachChars * 2);
  for (const { id, match } of shippedSignatures()) {
    for (const [text, before] of match.flatMap((one) =>
      ["", " ", far].map((pad) => [one, pad] as const),
    )) {
      const findings = await injectionDetector().detect(
        documentOf(before + text + before, "/a"),
        noContext,
      );
      const finding = findings.find(({ kind }) => kind === `injection:${id}`);
      const [from, to] = [before.length, before.length + text.length];
      t.ok(finding && finding.start >= from - 1 && finding.end <= to + 1, `${id}: ${text}`);
    }
  }
});
