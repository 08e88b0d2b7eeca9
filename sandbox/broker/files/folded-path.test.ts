import { test } from "tap";
import { foldedPath } from "./folded-path.ts";

const alike: readonly (readonly [string, string])[] = [
  ["a/B.TXT", "A/b.txt"],
  ["é", "e\u0301"],
  ["straße", "STRASSE"],
  ["ﬁle", "file"],
  ["ａ", "a"],
  ["a\u200bb", "ab"],
  ["a. .", "a"],
  ["a /b", "a/b"],
];

for (const [a, b] of alike) {
  test(`${JSON.stringify(a)} may be ${JSON.stringify(b)}`, (t) => {
    t.equal(foldedPath(a), foldedPath(b));
    t.equal(foldedPath(foldedPath(a)), foldedPath(a));
    t.end();
  });
}

test("names that differ stay apart, and none becomes empty", (t) => {
  const names = ["a", "b", "a/b", "a.b", ".a", "...", "a b", "ａb/c"].map(foldedPath);
  t.equal(new Set(names).size, names.length);
  t.notOk(names.includes(""));
  t.end();
});
