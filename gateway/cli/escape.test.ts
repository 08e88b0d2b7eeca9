import { test } from "tap";
import { escapeJson, escapeJsonLine, escapeLines, escapeText } from "./escape.ts";

const attacks: readonly (readonly [string, string, string])[] = [
  ["an ANSI sequence", "a\u001b[2Kb", "a\\u{1b}[2Kb"],
  ["a one-character CSI", "a\u009b2Kb", "a\\u{9b}2Kb"],
  ["a carriage return", "deny\rallow", "deny\\u{d}allow"],
  ["a backspace", "a\bb", "a\\u{8}b"],
  ["a line break in a line", "a\nb", "a\\u{a}b"],
  ["a bidi override", "a\u202eb", "a\\u{202e}b"],
  ["a bidi isolate", "a\u2066b", "a\\u{2066}b"],
  ["a zero-width space", "a\u200bb", "a\\u{200b}b"],
  ["a byte order mark", "a\ufeffb", "a\\u{feff}b"],
  ["a soft hyphen", "a\u00adb", "a\\u{ad}b"],
  ["tag characters", "a\u{e0061}b", "a\\u{e0061}b"],
  ["a variation selector", "a\ufe0fb", "a\\u{fe0f}b"],
  ["a Hangul filler", "a\u3164b", "a\\u{3164}b"],
  ["an empty Braille cell", "a\u2800b", "a\\u{2800}b"],
  ["a line separator", "a\u2028b", "a\\u{2028}b"],
  ["a no-break space", "a\u00a0b", "a\\u{a0}b"],
  ["a private-use character", "a\ue000b", "a\\u{e000}b"],
  ["a lone surrogate", "a\ud800b", "a\\u{d800}b"],
];

for (const [what, text, wanted] of attacks) {
  test(`becomes visible: ${what}`, async (t) => {
    t.equal(escapeText(text), wanted);
  });
}

test("letters of any script, combined ones and emojis stay as they are", async (t) => {
  for (const text of ["plain ASCII, 42!", "Grüße", "日本語", "עברית", "a\u0301", "🦊"]) {
    t.equal(escapeText(text), text);
  }
});

test("a text of several lines keeps its lines and tabs, and nothing else that moves", async (t) => {
  t.equal(escapeLines("a\tb\nc\u001bd\r\ne\rf"), "a\tb\nc\\u{1b}d\ne\\u{d}f");
});

test("a JSON value is shown whole, with everything in it visible", async (t) => {
  const shown = escapeJson({ "ke\u202ey": ["\u001b[31m", "long".repeat(500)] });
  t.match(shown, "ke\\u{202e}y");
  t.match(shown, "long".repeat(500));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there.
  t.notMatch(shown, /[\u0000-\u0009\u000b-\u001f\u202e]/);
});

test("attack: a line of JSON moves nothing on a terminal, and reads back as the same value", async (t) => {
  const value = {
    "ke\u202ey": ["\u001b[31m", "\u009b31m", "\u007f", "a\u{e0041}b", "grüße, 你好", 1, null],
  };
  const line = escapeJsonLine(value);
  t.notMatch(line, /[\p{Cc}\p{Cf}]/u);
  t.match(line, "grüße, 你好");
  t.strictSame(JSON.parse(line), value);
});
