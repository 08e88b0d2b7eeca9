import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { isRefusalCode } from "../../manifests/refusals.ts";
import { catalogue } from "./catalogue.ts";
import { madeInside } from "./catalogue-network.ts";

const textOf = (file: string): string =>
  readFileSync(join(import.meta.dirname, `${file}.test.ts`), "utf8");

/** What stands in quotes and has the form of an attack's short name. */
function namedIn(file: string): readonly string[] {
  const names = [...textOf(file).matchAll(/"([CDFGINRX]\d\d)"/g)].map(([, id]) => id ?? "");
  return [...new Set(names)].sort();
}

/** The short names of a letter, from the first. */
function counted(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => letter + String(at + 1).padStart(2, "0"));
}

const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".test.ts") && name !== "catalogue.test.ts")
  .map((name) => name.slice(0, -".test.ts".length));

test("each attack is named by the file that holds it, and by no other", (t) => {
  for (const file of files) {
    const held = [...Object.keys(catalogue[file] ?? {}), ...(madeInside[file] ?? [])];
    t.strictSame(namedIn(file), held.sort(), file);
  }
  for (const file of [...Object.keys(catalogue), ...Object.keys(madeInside)]) {
    t.ok(existsSync(join(import.meta.dirname, `${file}.test.ts`)), file);
  }
  t.end();
});

test("each attack on the way out is made by a program in a container", (t) => {
  const held = Object.entries(catalogue).map(
    ([file, group]) => [file, Object.keys(group)] as const,
  );
  const inside = [...held, ...Object.entries(madeInside)].flatMap(([file, ids]) =>
    file.startsWith("container-") ? ids.filter((id) => id.startsWith("N")) : [],
  );
  t.strictSame(inside.sort(), counted("N", 24));
  t.end();
});

test("no short name is given twice, none is left out, and each ending is a code", (t) => {
  const ids = Object.values(catalogue).flatMap((group) => Object.keys(group));
  t.equal(new Set(ids).size, ids.length);
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
