import fc from "fast-check";
import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { personalLimits } from "../../manifests/personal-limits.ts";
import { documentOf, noContext } from "../detector.ts";
import { encodings } from "../testing/encoders.ts";
import { personalDetector } from "./personal.ts";

const seed = 20_261_123;

const found = async (text: string, path = "/a"): Promise<string[]> => {
  const findings = await personalDetector.detect(documentOf(text, path), noContext);
  return findings.map(({ kind, start, end }) => `${kind.slice(9)} ${text.slice(start, end)}`);
};

test("finds data of people by form and check digits, and where it begins and ends", async (t) => {
  for (const [text, wanted] of [
    ["Write to jane.doe+x@mail.example.org.", "email jane.doe+x@mail.example.org"],
    ["<jörg@müller.example>", "email jörg@müller.example"],
    ["Call +49 (0)30 901820 now", "phone +49 (0)30 901820"],
    ["+1 (415) 555-2671", "phone +1 (415) 555-2671"],
    ["Tel.: 030 901820", "phone 030 901820"],
    ["我的电话13800138000", "phone 13800138000"],
    ["DE89 3704 0044 0532 0130 00 is my account", "iban DE89 3704 0044 0532 0130 00"],
    ["GB29NWBK60161331926819", "iban GB29NWBK60161331926819"],
    ["MT84 MALT 0110 0001 2345 MTLC AST0 01S", "iban MT84 MALT 0110 0001 2345 MTLC AST0 01S"],
    ["4111 1111 1111 1111, thanks", "card 4111 1111 1111 1111"],
    ["3782-822463-10005", "card 3782-822463-10005"],
    ["Visa 4222222222222", "card 4222222222222"],
    ["it is 223-45-6789", "national-id 223-45-6789"],
    ["Steuer-ID: 86 095 742 719", "national-id 86 095 742 719"],
    ["1 85 05 78 006 084 91", "national-id 1 85 05 78 006 084 91"],
    ["DNI 12345678Z", "national-id 12345678Z"],
    ["AB 12 34 56 C", "national-id AB 12 34 56 C"],
    ["RSSMRA85T10A562S", "national-id RSSMRA85T10A562S"],
    ["11010519491231002X", "national-id 11010519491231002X"],
    ["111.444.777-35", "national-id 111.444.777-35"],
  ] as const) {
    t.same(await found(text), [wanted], text);
  }
});

test("the name of the field is a word near a number", async (t) => {
  t.same(await found("0301234567", "/contacts/0/mobilePhone"), ["phone 0301234567"]);
  t.same(await found("223456789", "/employee/ssn"), ["national-id 223456789"]);
  t.same(await found("0301234567", "/total"), []);
  t.same(await found("223456789", "/order"), []);
});

test("what only looks alike is left alone", async (t) => {
  for (const text of [
    "550e8400-e29b-41d4-a716-446655440000",
    "2026-11-23T18:52:25.123456Z 1795459945000 1795459945000000000",
    "d41d8cd98f00b204e9800998ecf8427e 9e107d9d372bb6826bd81d3542a419d6",
    "v1.20.3-20261123, 10.0.0.1:8080, 0.30000000000000004",
    "3-4111111111111111, 4111111111111111.5, 1:4111111111111111",
    "4111 1111 1111 1112 and DE89 3704 0044 0532 0130 01",
    "git@github.com:ringward/ringward.git ssh://git@host.example/x",
    "postgres://reader@db.example.com/x icon@2x.png pkg@1.2.3 @app.route",
    "invoice 12345678, order 4444-1234, phone book, SSN 000-00-0000",
  ]) {
    t.same(await found(text), [], text);
  }
});

test("attack: encoded, hidden or written in wide letters it is found all the same", async (t) => {
  const card = "pay with 4111 1111 1111 1111 today";
  for (const [name, encode] of encodings) {
    t.match(await found(encode(card)), [/^card /], name);
  }
  t.same(await found("4111\u200b1111\u20601111\u00ad1111"), [
    "card 4111\u200b1111\u20601111\u00ad1111",
  ]);
  t.same(await found("４１１１ １１１１ １１１１ １１１１"), [
    "card ４１１１ １１１１ １１１１ １１１１",
  ]);
  t.same(await found("jane\u200b@ex\u200bample.org"), ["email jane\u200b@ex\u200bample.org"]);
});

test("attack: a flood of numbers ends in a finding, not in waiting", async (t) => {
  const flood = "+12345678901234 ".repeat(personalLimits.numbersTried + 1);
  const started = process.cpuUsage();
  const findings = await personalDetector.detect(documentOf(flood, "/a"), noContext);
  t.match(findings, [{ kind: "personal:unread", start: 0, end: flood.length }]);
  // Processor time, with room for a busy machine: what is quadratic takes minutes.
  t.ok(process.cpuUsage(started).user < 20_000_000);
});

test("no more is found than is listed", async (t) => {
  const many = "jane@mail.example.org ".repeat(10_000);
  const findings = await personalDetector.detect(documentOf(many, "/a"), noContext);
  t.equal(findings.length, limits.findingsPerCall + 1);
});

test("attack: a million characters of any kind are read in linear time", async (t) => {
  for (const piece of ["1", "1 ", "a@", "@", "a.a@a.", "+1", "(1", "DE89 ", "AB12", "1-", "é@é."]) {
    const text = piece.repeat(1_000_000 / piece.length);
    const document = documentOf(text, "/phone");
    document.views();
    const started = process.cpuUsage();
    await personalDetector.detect(document, noContext);
    const { user } = process.cpuUsage(started);
    t.ok(user < 10_000_000, `${piece} ${user}`);
  }
});

test("property: spans stay inside the text, and none overlaps another", async (t) => {
  const part = fc.constantFrom(
    ..."a@b.example +1 415 555 2671 4111 1111 tel DE89 \u200b é ".split(/(?= )/),
  );
  const texts = fc.array(fc.oneof(part, fc.string({ unit: "binary", maxLength: 4 })));
  const property = fc.asyncProperty(texts, async (parts) => {
    const text = parts.join("");
    const findings = await personalDetector.detect(documentOf(text, "/a"), noContext);
    const spans = findings.toSorted((a, b) => a.start - b.start);
    return spans.every(
      ({ start, end }, index) =>
        start >= (spans[index - 1]?.end ?? 0) && start < end && end <= text.length,
    );
  });
  await fc.assert(property, { seed, numRuns: 300 });
  t.pass();
});
