import { existsSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { test } from "tap";
import { parse } from "yaml";
import { root } from "../support/source-files.ts";
import { mutations } from "./mutations.ts";

const readers: readonly (readonly [string, (text: string) => unknown])[] = [
  [".ts", stripTypeScriptTypes],
  [".yml", parse],
  [".yaml", parse],
];

test("each mutation names code that stands once in its file, and a test that exists", (t) => {
  for (const { takesOut, file, from, to, test: name } of mutations) {
    const text = readFileSync(join(root, file), "utf8");
    t.equal(text.split(from).length, 2, `${file}: ${takesOut}`);
    t.not(from, to, takesOut);
    const changed = text.replace(from, () => to);
    const read = readers.find(([ending]) => file.endsWith(ending))?.[1];
    t.doesNotThrow(() => void read?.(changed), `what is left can be read: ${takesOut}`);
    t.ok(existsSync(join(root, name)), name);
  }
  t.end();
});

test("no two mutations have one name", (t) => {
  const names = mutations.map(({ file, takesOut }) => `${file}: ${takesOut}`);
  t.strictSame(names, [...new Set(names)]);
  t.end();
});
