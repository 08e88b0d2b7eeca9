import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { root } from "../support/source-files.ts";
import { mutations } from "./mutations.ts";

test("each mutation names code that stands once in its file, and a test that exists", (t) => {
  for (const { takesOut, file, from, to, test: name } of mutations) {
    t.equal(readFileSync(join(root, file), "utf8").split(from).length, 2, `${file}: ${takesOut}`);
    t.not(from, to, takesOut);
    t.ok(existsSync(join(root, name)), name);
  }
  t.end();
});

test("no two mutations have one name", (t) => {
  const names = mutations.map(({ file, takesOut }) => `${file}: ${takesOut}`);
  t.strictSame(names, [...new Set(names)]);
  t.end();
});
