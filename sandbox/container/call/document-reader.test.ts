import { test } from "tap";
import { DocumentReader, type Reading } from "./document-reader.ts";

const ceiling = 64;

function readerOf(...chunks: readonly string[]): DocumentReader {
  const reader = new DocumentReader(ceiling);
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return reader;
}

const cases: readonly (readonly [what: string, text: string, reading: Reading])[] = [
  ["nothing but space", " \t\r\n", "nothing"],
  ["a document with space around it", '\n{"a":[{}]}\r\n\t ', "whole"],
  ["a bracket that is still open", '{"a":[}', "inside"],
  ["brackets in texts", '{"a":"}]\\"}","b":1', "inside"],
  ["a backslash at the end of a text", '{"a":"\\\\"}', "whole"],
  ["a NUL in front", "\0{}", "garbage"],
  ["a form feed in front", "\f{}", "garbage"],
  ["a vertical tab behind", "{}\v", "garbage"],
  ["a second document", "{} {}", "garbage"],
  ["as much as there may be", `{"a":"${"x".repeat(ceiling - 8)}"}`, "whole"],
  ["one byte more", `{"a":"${"x".repeat(ceiling - 7)}"}`, "too-long"],
  ["one byte more, of space", `{"a":"${"x".repeat(ceiling - 8)}"} `, "too-long"],
];

for (const [what, text, reading] of cases) {
  test(`reads ${what}, however it is cut: ${reading}`, (t) => {
    t.equal(readerOf(text).reading, reading);
    t.equal(readerOf(...text).reading, reading);
    t.end();
  });
}

test("nothing leads back from what is spoilt, and nothing of it is held", (t) => {
  for (const [text, reading] of [
    ["x", "garbage"],
    ["x".repeat(ceiling + 1), "too-long"],
  ] as const) {
    const reader = readerOf(text, "{}", "x");
    t.equal(reader.reading, reading);
    t.equal(reader.document.length, 0);
  }
  t.end();
});
