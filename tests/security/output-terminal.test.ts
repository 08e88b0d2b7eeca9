// The threat: what a tool hands over is shown in a terminal, which does what it says.
import { test } from "tap";
import { defuse } from "../../guardrails/output/defuse.ts";

const [esc, bel, csi, osc, st] = ["\u001b", "\u0007", "\u009b", "\u009d", "\u009c"];

/** What is given, and what is left of it to show. */
const attacks: readonly (readonly [what: string, text: string, shown: string])[] = [
  ["colour", `${esc}[1;31mred${esc}[0m`, "red"],
  ["colour with colons", `${esc}[38:2::1:2:3mred${esc}[m`, "red"],
  ["colour of eight bits", `${csi}31mred${csi}0m`, "red"],
  ["cursor", `safe${esc}[2K${esc}[1Gevil`, "safeevil"],
  ["screen", `${esc}[2J${esc}[3J${esc}[Hevil`, "evil"],
  ["a private mode", `${esc}[?1049hevil${esc}[?1049l`, "evil"],
  ["paste that ends", `a${esc}[201~rm -rf /\n`, "arm -rf /\n"],
  ["report asked for", `${esc}[6n${esc}[c${esc}[>c`, ""],
  ["answerback", "\u0005", "\\u{5}"],
  ["title", `${esc}]0;evil${bel}a`, "a"],
  ["title that ends otherwise", `${esc}]2;evil${esc}\\a`, "a"],
  ["title of eight bits", `${osc}0;evil${st}a`, "a"],
  ["title told back", `${esc}[21t`, ""],
  ["clipboard", `${esc}]52;c;cm0gLXJmIC8=${bel}a`, "a"],
  ["link", `${esc}]8;;https://evil.example/${esc}\\here${esc}]8;;${esc}\\`, "here"],
  ["image file", `${esc}]1337;File=inline=1:AAAA${bel}a`, "a"],
  ["device string", `${esc}P$q"p${esc}\\a`, "a"],
  ["sixel", `${esc}Pq#0;2;0;0;0~-${esc}\\a`, "a"],
  ["application string", `${esc}_Gf=24;AAAA${esc}\\a`, "a"],
  ["privacy message", `${esc}^evil${esc}\\a`, "a"],
  ["start of string", `${esc}Xevil${esc}\\a`, "a"],
  ["character set", `${esc}(0lqqk${esc}(B`, "lqqk"],
  ["reset", `${esc}ca${esc}7${esc}8`, "a"],
  ["one begun in another", `${esc}${esc}[0m[31mred`, "\\u{1b}[31mred"],
  ["one begun in another, deep", `${esc}[${esc}[${esc}[0m0m`, "\\u{1b}[\\u{1b}[0m"],
  ["string without an end", `${esc}]0;all of this stays`, "\\u{1b}]0;all of this stays"],
  ["string over lines", `${esc}]0;a\nb${bel}`, "\\u{1b}]0;a\nb\\u{7}"],
  ["sequence without an end", `a${esc}[31`, "a\\u{1b}[31"],
  ["lone escape", `a${esc}`, "a\\u{1b}"],
  ["line overwritten", "rm -rf /\recho hi ", "rm -rf /\necho hi "],
  ["line overwritten twice", "a\r\rb", "a\n\nb"],
  ["line overwritten before its end", "a\r\r\nb", "a\n\r\nb"],
  ["backspaces", "evil\b\b\b\bsafe", "evil\\u{8}\\u{8}\\u{8}\\u{8}safe"],
  ["delete", "a\u007fb", "a\\u{7f}b"],
  ["NUL", "a\u0000b", "a\\u{0}b"],
  ["bell", `a${bel}`, "a\\u{7}"],
  ["vertical tab", "a\vb", "a\\u{b}b"],
  ["shift out", "\u000eabc\u000f", "\\u{e}abc\\u{f}"],
  ["index, next line", "\u0084\u0085\u008d", "\\u{84}\\u{85}\\u{8d}"],
  ["override", "a\u202etxt.exe\u202c", "a\\u{202e}txt.exe\\u{202c}"],
  ["override from the left", "\u202dab", "\\u{202d}ab"],
  ["early return", "'''\u2067 ''' ;return", "'''\\u{2067} ''' ;return"],
  ["isolate that stays open", "a\u2066b", "a\\u{2066}b"],
  ["isolate that nobody opened", "a\u2069b", "a\\u{2069}b"],
  ["ends that are crossed", "\u2066a\u202ab\u2069\u202c", "\\u{2066}a\\u{202a}b\\u{2069}\\u{202c}"],
  ["order of Hebrew overridden", "שלום \u202eabc\u202c", "שלום \\u{202e}abc\\u{202c}"],
];

for (const [what, text, shown] of attacks) {
  test(`attack: a terminal shows what it is given: ${what}`, (t) => {
    const defused = defuse(text);
    t.equal(defused.text, shown);
    t.equal(defuse(shown).text, shown, "once is enough");
    t.ok(defused.edits.every(({ kind }) => kind === "active:terminal" || kind === "active:bidi"));
    t.ok(defused.edits.length > 0);
    t.end();
  });
}

test("a finding stands where the escape stands", (t) => {
  const text = `ab${esc}[31mred${esc}[0m<script>`;
  t.strictSame(
    defuse(text).edits.map(({ kind, start, end }) => [kind, text.slice(start, end)]),
    [
      ["active:terminal", `${esc}[31m`],
      ["active:terminal", `${esc}[0m`],
      ["active:html", "<"],
    ],
  );
  t.end();
});
