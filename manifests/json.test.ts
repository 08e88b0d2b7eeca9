import { test } from "tap";
import { isJsonObject, visitLeaves } from "./json.ts";

test("visits each leaf with its JSON pointer, in document order", (t) => {
  const seen: unknown[] = [];
  visitLeaves({ a: [1, { "b/c~d": null }], e: "x", f: [], g: {} }, (leaf, path) =>
    seen.push([path, leaf]),
  );
  t.same(seen, [
    ["/a/0", 1],
    ["/a/1/b~1c~0d", null],
    ["/e", "x"],
  ]);
  visitLeaves(7, (leaf, path) => seen.push([path, leaf]));
  t.same(seen.at(-1), ["", 7]);
  t.end();
});

test("an object is neither null nor an array", (t) => {
  t.ok(isJsonObject({}));
  t.ok(isJsonObject(Object.create(null)));
  for (const value of [null, [], "a", 1, true, undefined]) t.notOk(isJsonObject(value));
  t.end();
});
