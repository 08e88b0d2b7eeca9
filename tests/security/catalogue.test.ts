import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { isRefusalCode } from "../../manifests/refusals.ts";
import { catalogue } from "./catalogue.ts";

const textOf = (file: string): string =>
  readFileSync(join(import.meta.dirname, `${file}.test.ts`), "utf8");

/** What stands in quotes and has the form of an attack's short name. */
function namedIn(file: string): readonly string[] {
  const names = [...textOf(file).matchAll(/"([CDFGINRX]\d\d)"/g)].map(([, id]) => id ?? "");
  return [...new Set(names)].sort();
}

const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".test.ts") && name !== "catalogue.test.ts")
  .map((name) => name.slice(0, -".test.ts".length));

test("each attack is named by the file that holds it, and by no other", (t) => {
  for (const file of files) {
    t.strictSame(namedIn(file), Object.keys(catalogue[file] ?? {}).sort(), file);
  }
  for (const file of Object.keys(catalogue)) {
    t.ok(existsSync(join(import.meta.dirname, `${file}.test.ts`)), file);
  }
  t.end();
});

test("no short name is given twice, none is left out, and each ending is a code", (t) => {
  const ids = Object.values(catalogue).flatMap((group) => Object.keys(group));
  t.equal(new Set(ids).size, ids.length);
  const counted = (letter: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, at) => letter + String(at + 1).padStart(2, "0"));
  for (const id of [
    ...counted("I", 25),
    ...counted("R", 27),
    ...counted("D", 8),
    ...counted("C", 28),
    ...counted("N", 24),
  ]) {
    t.ok(ids.includes(id), id);
  }
  for (const [, ends] of Object.values(catalogue).flatMap((group) => Object.values(group))) {
    const unknown = ends.split(" ").filter((end) => end !== "completed" && !isRefusalCode(end));
    t.strictSame(unknown, []);
  }
  t.end();
});
