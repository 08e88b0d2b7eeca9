import fc from "fast-check";
import { test } from "tap";
import type { PlaceKind } from "./place.ts";
import { structureOf } from "./structure.ts";

const said = (text: string, kind: PlaceKind): readonly string[] =>
  structureOf(text)
    .places.filter((place) => place.kind === kind)
    .map(({ start, end }) => text.slice(start, end).trim());
const read = (text: string): readonly string[] =>
  structureOf(text).readings.map((reading) => reading.text.trim());

test("what no reader of a page sees is told from what is shown", (t) => {
  const words = "nobody sees these words";
  for (const page of [
    `<p style="display:none">${words}</p>`,
    `<div hidden>${words}</div>`,
    `<span aria-hidden="true">${words}</span>`,
    `<template><p>${words}</p></template>`,
    `<noscript>${words}</noscript>`,
    `<div style="visibility:hidden"><p>a</p>${words}</div>`,
    `<style>.q, b { display: none }</style><i class="a q">${words}</i>`,
    `<style>@media all { #top { opacity: 0 } }</style><i id="top">${words}</i>`,
    `<p style="color:#fefefe">${words}</p>`,
    `<p style="DISPLAY:/* x */none !important">${words}</p>`,
    `<p style="display&colon;none">${words}</p>`,
    `<div style="background:#123"><p style="color:rgb(17,34,51)">${words}</p></div>`,
  ]) {
    t.match(said(page, "hidden").join(" "), words, page);
    t.match(said(`${page}<p>${"shown ".repeat(9)}</p>`, "hidden").join(" "), words);
    t.notMatch(said(`${page}<p>these are shown to all</p>`, "hidden").join(" "), "shown to all");
  }
  for (const page of [
    `<p>${words}</p>`,
    `<p style="font-size:0.9em;color:#333">${words}</p>`,
    `<div style="background:#000"><p style="color:#fff">${words}</p></div>`,
    `<p hidden>a<p>${words}`,
  ]) {
    t.notMatch(said(page, "hidden").join(" "), words, page);
  }
  t.end();
});

test("comments, attributes and what is said of a page are places of their own", (t) => {
  t.strictSame(said("<p>a</p><!-- so it was said -->", "comment"), ["so it was said -->"]);
  t.strictSame(said("a <? so it was said ?> b", "comment"), ["so it was said ?>"]);
  t.strictSame(said('<img src="a.png" alt="words of the picture">', "attribute"), [
    "words of the picture",
  ]);
  t.strictSame(said("<p data-note='words in a note'>", "attribute"), ["words in a note"]);
  t.strictSame(said('<meta name="x" content="words about it">', "metadata"), ["words about it"]);
  t.strictSame(said("<title>the title of it</title>", "metadata"), ["the title of it"]);
  t.strictSame(
    said('<p class="many names of classes" style="color: red; width: 3px">', "attribute"),
    [],
  );
  t.end();
});

test("a page is read without its tags, and what is hidden by itself", (t) => {
  t.strictSame(read("ig<b></b>no<!-- x -->re <i>it</i> all"), ["ignore it all"]);
  t.strictSame(read("<p>one</p><p>two</p>"), ["one\ntwo"]);
  t.strictSame(read("se<i hidden>these</i>nd it<i hidden> are</i>"), ["send it", "these are"]);
  t.strictSame(read("a<script>if (1 <b) no</script>b<style>p{}</style>c"), ["a\nb\nc"]);
  t.strictSame(read("no tags at all, 1 < 2"), []);
  const text = "see ig<b></b>nore";
  const [reading] = structureOf(text).readings;
  const at = reading?.text.indexOf("ignore") ?? -1;
  const { start, end } = reading?.place(at, at + 6) ?? { start: 0, end: 0 };
  t.equal(text.slice(start, end), "ig<b></b>nore");
  t.end();
});

test("what lies far from a tag is not read twice", (t) => {
  const far = "plain words and no tag ".repeat(500);
  const [reading] = structureOf(`a<b>c</b>${far}<i>d</i>e`).readings;
  t.ok((reading?.text.length ?? 0) < 1_000);
  t.end();
});

test("what Markdown holds beside what it shows", (t) => {
  t.strictSame(said("![words of the picture](a.png)", "attribute"), ["words of the picture"]);
  t.strictSame(said('[a](http://b.example "words of a title")', "attribute"), ["words of a title"]);
  t.strictSame(said("[//]: # (nobody sees this one)", "comment"), ["nobody sees this one"]);
  t.strictSame(said('[a]: http://b.example\n  "words of a title"', "comment"), [
    "words of a title",
  ]);
  t.strictSame(said("---\ntitle: words of a title\nlist: [a]\n---\ntext", "metadata"), [
    "words of a title",
  ]);
  t.end();
});

test("members of JSON, and of what is printed like it", (t) => {
  for (const text of [
    '{"a": 1, "note": "words in a note", "b": {}}',
    "{'a': 1, 'note': 'words in a note', 'b': True}",
    'The answer was {"note":"words in a note"} at noon.',
    '[["x", "words in a note"]]',
    '{"n": "a \\" b", "note": "words in a note"}',
  ]) {
    t.ok(said(text, "field").includes("words in a note"), text);
  }
  t.strictSame(said('{"n": "words \\" and more of them"}', "field"), [
    'words \\" and more of them',
  ]);
  t.strictSame(said('She said: "these are my own words".', "field"), []);
  t.end();
});

test("values of YAML, of one line and of many", (t) => {
  const yaml =
    "# settings\nname: a-b\nnotes:\n  - words of an item\n  - n: 1\ntext: |\n  words of a text\n\n  that goes on\nlast: words at the end";
  t.strictSame(said(yaml, "field"), [
    "words of an item",
    "words of a text\n\n  that goes on",
    "words at the end",
  ]);
  t.strictSame(
    said("Note: these are words.\nAnd this is prose, too.\nEnd: of it all here.", "field"),
    [],
  );
  t.end();
});

test("cells of a table, quoted or not", (t) => {
  const rows = 'id,note,n\n1,"words, in a ""cell""",2\n2,more words here,3\n';
  t.strictSame(said(rows, "cell"), ['words, in a ""cell""', "more words here"]);
  t.strictSame(said(rows.replaceAll(",", "\t"), "cell").length, 2);
  t.strictSame(said("Well, this is prose, and no table.\nIt has lines.", "cell"), []);
  t.end();
});

test("headers of a mail, those of its parts, and words that are encoded in them", (t) => {
  const mail = "From: amy@example.com\nSubject: words of the subject\n\nHello Bob, so long.\n";
  t.strictSame(said(mail, "metadata"), ["words of the subject"]);
  const parts = `${mail}--edge\nContent-Description: words of a part\n\nText of the part.\n`;
  t.ok(said(parts, "metadata").includes("words of a part"));
  t.end();
});

test("comments of source code, whatever its language", (t) => {
  const comments: readonly (readonly [code: string, comment: string])[] = [
    ["const a = 1; // words in a comment", "words in a comment"],
    ["def f(a):\n    # words in a comment\n    return a", "words in a comment"],
    ['def f(a):\n    """Words of a docstring."""\n', "Words of a docstring."],
    ["int a;\n/* words in a comment */", "words in a comment"],
    ["SELECT (a) -- words in a comment", "words in a comment"],
    ["let a = 1;\n// words that go on\n// in a line below", "words that go on\n// in a line below"],
  ];
  for (const [code, comment] of comments) {
    t.ok(said(code, "code-comment").includes(comment), code);
  }
  t.strictSame(
    said("See https://host.example/path, and issue #12 -- it is fine", "code-comment"),
    [],
  );
  t.end();
});

test("property: whatever a text is, its places and readings lie within it", (t) => {
  const piece = fc.constantFrom(
    ...["<b>", "</b>", "<div hidden>", "<!--", "-->", "<style>", "p{opacity:0}", "</style>"],
    ...['{"a":"', '",', "['b','", "']", "![", "](", ' "words here")', "[a]: b 'words of it'\n"],
    ...["---\n", "a: words of it\n", "From: a\nTo: b\n", "\n--x\n", "// words here\n", "/*", '"""'],
    ...["x,y,z\n", '"a ""b"', "=?utf-8?q?a_b?=", "words of it all ", "\ud800", "\u00e9", "<a x='"],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
      const text = pieces.join("");
      const { places, readings } = structureOf(text);
      const isWithin = ({ start, end }: { start: number; end: number }): boolean =>
        0 <= start && start <= end && end <= text.length;
      return (
        places.every(isWithin) &&
        readings.every((reading) => isWithin(reading.place(0, reading.text.length)))
      );
    }),
    { seed: 20_261_123, numRuns: 1_000 },
  );
  t.end();
});

test("attack: nesting, openings without an end and flat floods are read to their end", (t) => {
  const order = "<!-- these words are read -->";
  for (const part of [
    "<b>",
    "<b ",
    "<i hidden>",
    "</b>",
    "<p>",
    "<style>",
    "](",
    "![",
    '{"a":',
    "/*",
  ]) {
    const { places, readings } = structureOf(`${order}${part.repeat(20_000)}`);
    t.ok(
      places.some(({ kind }) => kind === "comment"),
      part,
    );
    t.ok(readings.every(({ text }) => text.length <= part.length * 20_000 * 2));
  }
  t.end();
});
