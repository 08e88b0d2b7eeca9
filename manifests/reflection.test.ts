import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { test } from "tap";
import { holds, needleOf, redact } from "./reflection.ts";

const value = "sk-Live/4f9+Z%41&x_q7Tt~81";
const needles = [needleOf(value, "[redacted:key]")];

const hex = (text: string): string => Buffer.from(text).toString("hex");
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const each = (text: string, spell: (code: number) => string): string =>
  [...text].map((char) => spell(char.charCodeAt(0))).join("");
const percent = (code: number): string => `%${code.toString(16).padStart(2, "0")}`;
const unit = (code: number): string => `\\u${code.toString(16).padStart(4, "0")}`;

const spellings: readonly [string, string][] = [
  ["plain", value],
  ["in upper case", value.toUpperCase()],
  ["reversed", [...value].reverse().join("")],
  ["in base64", base64(value)],
  ["in base64, one byte on", base64(`a${value}`)],
  ["in base64, two bytes on", base64(`ab${value}`)],
  ["in base64 without padding", base64(value).replace(/=+$/, "")],
  ["in base64 for URLs", Buffer.from(`a${value}b`).toString("base64url")],
  ["in base64 with line ends", base64(`xx${value}`).replace(/(.{8})/g, "$1\r\n")],
  ["in base64 with line ends as JSON says them", base64(`xx${value}`).replace(/(.{8})/g, "$1\\n")],
  ["in hexadecimal", hex(value)],
  ["in upper hexadecimal", hex(value).toUpperCase()],
  ["in hexadecimal with colons", hex(value).replace(/(..)/g, "$1:")],
  ["percent-encoded", encodeURIComponent(value)],
  ["percent-encoded as a form", new URLSearchParams({ a: value }).toString()],
  ["percent-encoded whole", each(value, percent)],
  ["percent-encoded whole, upper case", each(value, percent).toUpperCase()],
  ["percent-encoded twice", encodeURIComponent(each(value, percent))],
  ["as JSON", JSON.stringify(value)],
  ["as JSON in JSON", JSON.stringify(JSON.stringify(each(value, unit)))],
  ["as JSON escapes", each(value, unit)],
  [
    "as JSON escapes, upper case",
    each(value, (code) => unit(code).toUpperCase()).replaceAll("\\U", "\\u"),
  ],
  ["as hexadecimal escapes", each(value, (code) => `\\x${code.toString(16)}`)],
  ["as HTML", value.replaceAll("&", "&amp;").replaceAll("+", "&plus;")],
  ["as HTML numbers", each(value, (code) => `&#${code};`)],
  ["as HTML numbers in hexadecimal", each(value, (code) => `&#x00${code.toString(16)};`)],
  ["with a NUL between", each(value, (code) => `${String.fromCharCode(code)}\u0000`)],
  ["with zero-width characters", each(value, (code) => `${String.fromCharCode(code)}\u200b`)],
  ["in pieces of JSON", `["${value.slice(0, 9)}", "${value.slice(9)}"]`],
  ["gzipped in base64", gzipSync(`before ${value} after`).toString("base64")],
  ["behind a percent sign", `%${value}`],
  ["behind a backslash and an n", `\\n${value}`],
];
for (const [name, text] of spellings) {
  test(`finds and redacts a text ${name}`, (t) => {
    const around = `before=1 ${text} after`;
    t.ok(holds(around, needles));
    const redacted = redact(around, needles);
    t.match(redacted, /^before=1 .*\[redacted:key\].* after$/s);
    t.notOk(holds(redacted, needles), redacted);
    t.notOk(holds("before=1 something else after", needles));
    t.end();
  });
}

test("redacts every place, and leaves the rest as it is", (t) => {
  const text = `{"a":"${value}","b":[1,"${base64(value)}"],"c":"${each(value, unit)}"}`;
  const redacted = JSON.parse(redact(text, needles));
  t.equal(redacted.a, "[redacted:key]");
  t.match(redacted.b, [1, /^\[redacted:key\].{0,4}$/]);
  t.equal(redacted.c, "[redacted:key]");
  t.equal(redact("Nothing of it, 100 %.", needles), "Nothing of it, 100 %.");
  t.equal(redact(`${value}`, []), value);
  t.end();
});

test("a text in any escape of each of its characters is found, and what remains holds nothing", (t) => {
  const spell: readonly ((char: string) => string)[] = [
    (char) => char,
    (char) => percent(char.charCodeAt(0)),
    (char) => unit(char.charCodeAt(0)),
    (char) => `&#${char.charCodeAt(0)};`,
    (char) => percent(char.charCodeAt(0)).toUpperCase(),
  ];
  const secrets = fc.stringMatching(/^[A-Za-z0-9]{10,30}$/);
  const choices = fc.array(fc.nat(spell.length - 1), { minLength: 30, maxLength: 30 });
  const seed = 20_261_123;
  t.comment(`seed ${seed}`);
  fc.assert(
    fc.property(secrets, choices, fc.string(), (secret, chosen, noise) => {
      const own = [needleOf(secret, "[]")];
      const text = [...secret].map((char, at) => spell[chosen[at] ?? 0]?.(char)).join("");
      const redacted = redact(`${noise} ${text} ${noise}`, own);
      return redacted.includes("[]") && !holds(redacted, own);
    }),
    { seed, numRuns: 500 },
  );
  t.end();
});
