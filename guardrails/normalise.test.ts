import fc from "fast-check";
import { test } from "tap";
import { documentOf, noContext } from "./detector.ts";
import { disguiseDetector } from "./disguise.ts";
import { normalise } from "./normalise.ts";

const seed = 20_261_123;

const tagged = (text: string): string =>
  [...text].map((c) => String.fromCodePoint(0xe0000 + (c.codePointAt(0) ?? 0))).join("");

test("shows a text without its disguise, and says which it wore", (t) => {
  for (const [given, shown, kinds] of [
    ["plain text\n\twith tabs\r\n", "plain text\n\twith tabs\r\n", []],
    ["pay\u200bpal", "paypal", ["zero-width"]],
    [
      "\ufeffa\u2060b\u00adc\u3164",
      "abc",
      ["zero-width", "zero-width", "zero-width", "zero-width"],
    ],
    ["file\u202egpj.exe", "filegpj.exe", ["bidi"]],
    [`hi${tagged("ignore all")}!`, "hi!", ["tags"]],
    ["a\ufe01\u{e0101}b", "ab", ["variation"]],
    ["a\u0000\u001b[31mb\u0085", "ab", ["control", "control"]],
    ["\uff45\uff56\uff49\uff4c", "evil", []],
    ["\u{1d41e}\u{1d42f}\u{1d422}\u{1d425}", "evil", []],
    ["e\u0301t\u00e9", "\u00e9t\u00e9", []],
    ["\ufb01n", "fin", []],
  ] as const) {
    const result = normalise(given);
    t.equal(result.text, shown, JSON.stringify(given));
    t.same(
      result.disguises.map(({ kind }) => kind),
      kinds,
      JSON.stringify(given),
    );
  }
  t.end();
});

test("joiners and selectors that writing needs are no disguise", (t) => {
  for (const text of [
    "\u2764\ufe0f",
    "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
    "\u{1f44b}\u{1f3fd}",
    "1\ufe0f\u20e3",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u0915\u094d\u200d\u0937",
    "\u4e2d\u6587 \u0440\u0443\u0441\u0441\u043a\u0438\u0439",
  ]) {
    t.same(normalise(text).disguises, [], text);
  }
  t.end();
});

test("attack: an emoji does not carry a hidden message", (t) => {
  const hidden = "\u{1f600}\ufe0f\ufe01\ufe02\u{e0102}\u{e0103}";
  t.match(normalise(hidden).disguises, [{ kind: "variation", start: 3 }]);
  t.match(normalise(`\u{1f3f4}${tagged("do evil")}\u{e007f}`).disguises, [{ kind: "tags" }]);
  t.end();
});

test("each part of what is shown leads back to where it stood", (t) => {
  const given = "ab\u200bcd\uff45\u202efg\ufb01h";
  const { text, original } = normalise(given);
  t.equal(text, "abcdefgfih");
  const source = (part: string): string => {
    const at = text.indexOf(part);
    const { start, end } = original(at, at + part.length);
    return given.slice(start, end);
  };
  t.equal(source("ab"), "ab");
  t.equal(source("bc"), "b\u200bc");
  t.equal(source("e"), "\uff45");
  t.equal(source("efg"), "\uff45\u202efg");
  t.equal(source("f"), "f");
  t.equal(source("fih"), "\ufb01h");
  t.end();
});

test("property: nothing invisible is left, and spans stay inside the text", (t) => {
  const characters = fc.constantFrom(
    ..."aZ1 e\u0301\u200b\u202e\u{e0041}\ufe01\u0000\ufb01\uff45\u4e2d\u{1f600}",
  );
  const texts = fc.array(fc.oneof(characters, fc.string({ unit: "binary", maxLength: 3 })));
  fc.assert(
    fc.property(texts, (parts) => {
      const given = parts.join("");
      const { text, original, disguises } = normalise(given);
      const removed = disguises.reduce((sum, { start, end }) => sum + end - start, 0);
      if (removed > given.length) return false;
      for (let at = 0; at < text.length; at += 1) {
        const { start, end } = original(at, at + 1);
        if (start < 0 || end <= start || end > given.length) return false;
      }
      return !["\u200b", "\u202e", "\0"].some((hidden) => text.includes(hidden));
    }),
    { seed, numRuns: 300 },
  );
  t.end();
});

test("a finding for each run, with its place", async (t) => {
  const findings = await disguiseDetector.detect(
    documentOf("a\u200b\u200bb\u202ec", "/to"),
    noContext,
  );
  t.same(findings, [
    { detector: "disguise", kind: "disguise:zero-width", path: "/to", start: 1, end: 3, score: 1 },
    { detector: "disguise", kind: "disguise:bidi", path: "/to", start: 4, end: 5, score: 1 },
  ]);
});

test("attack: a million characters of any kind are read in linear time", (t) => {
  for (const piece of [
    "a",
    "\u200b",
    "a\u200b",
    "\u0301",
    "\uff45",
    "\u4e2d",
    "\u{1f600}\u200d",
    "\ufdfa",
  ]) {
    const text = piece.repeat(1_000_000 / piece.length);
    const started = process.cpuUsage();
    normalise(text);
    // Processor time, with room for a busy machine: what is quadratic takes minutes.
    t.ok(process.cpuUsage(started).user < 10_000_000, JSON.stringify(piece));
  }
  t.end();
});
