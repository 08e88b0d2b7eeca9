import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { rings } from "../manifests/refusals.ts";
import { root, textOf } from "./support/source-files.ts";

/** The cells of each row of the tables whose heads begin with `head`. */
function rowsUnder(file: string, head: string): readonly Row[] {
  const rows: Row[] = [];
  let inside = false;
  for (const line of textOf(file).split("\n")) {
    if (line.startsWith(`| ${head} |`)) inside = true;
    else if (!line.startsWith("|")) inside = false;
    else if (inside && !line.startsWith("| ---")) rows.push(cells(line));
  }
  return rows;
}

type Row = readonly [string, string, string, string, string];

function cells(line: string): Row {
  const found = line.split("|").slice(1, -1);
  const at = (index: number): string => (found[index] ?? "").trim();
  return [at(0), at(1), at(2), at(3), at(4)];
}

function filesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, file]) => file ?? "");
}

test("each promise has its number in order, and tests that exist", (t) => {
  const promises = rowsUnder("SPECIFICATION.md", "#");
  t.ok(promises.length > 30);
  for (const [index, [number, statement, , tests]] of promises.entries()) {
    t.equal(number, String(index + 1), statement);
    t.ok(filesIn(tests).length > 0, `${number} names a test`);
    t.strictSame(filesIn(tests).filter(isMissingTest), [], `${number}: ${statement}`);
  }
  t.end();
});

test("each threat names a ring, a file that defends and a test that holds it", (t) => {
  const threats = rowsUnder("THREAT_MODEL.md", "actor | vector | ring | file | test");
  t.ok(threats.length > 30);
  for (const [, vector, ring, file, tests] of threats) {
    t.ok(ring === "load" || rings.some((known) => known === ring), `${vector}: ring ${ring}`);
    t.ok(filesIn(file).length > 0 && filesIn(tests).length > 0, `${vector}: file and test`);
    t.strictSame(filesIn(file).filter(isMissing), [], vector);
    t.strictSame(filesIn(tests).filter(isMissingTest), [], vector);
  }
  t.end();
});

test("each ring is named by a threat", (t) => {
  const named = new Set(
    rowsUnder("THREAT_MODEL.md", "actor | vector | ring | file | test").map(([, , ring]) => ring),
  );
  t.strictSame(
    rings.filter((ring) => !named.has(ring)),
    [],
  );
  t.end();
});

test("each decision note is in the index, and says context, choice and consequence", (t) => {
  const index = textOf("docs/decisions/index.md");
  const notes = [...index.matchAll(/\]\((\d{4}-[a-z0-9-]+\.md)\)/g)].map(([, note]) => note ?? "");
  t.ok(notes.length > 10);
  for (const note of notes) {
    t.match(textOf(`docs/decisions/${note}`), /Context\.[\s\S]*Choice\.[\s\S]*Consequence\./, note);
  }
  t.end();
});

test("each decision note is in the index once, and each dependency is named in a note", (t) => {
  const files = readdirSync(join(root, "docs/decisions")).filter((file) => file !== "index.md");
  const listed = [...textOf("docs/decisions/index.md").matchAll(/\]\(([^)]+)\)/g)];
  t.strictSame(listed.map(([, note]) => note).sort(), files.sort());
  const notes = files.map((file) => textOf(`docs/decisions/${file}`)).join("\n");
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    textOf("package.json"),
  );
  const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  t.ok(names.length > 20);
  t.strictSame(
    names.filter((name) => !name.startsWith("@types/") && !notes.includes(`\`${name}\``)),
    [],
    "the types of a package go with the package",
  );
  t.end();
});

function isMissing(file: string): boolean {
  return !existsSync(join(root, file));
}

function isMissingTest(file: string): boolean {
  return isMissing(file) || !file.endsWith(".test.ts");
}
