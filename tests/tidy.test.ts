import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "tap";
import { projectFiles, root, sourceFiles, textOf } from "./support/source-files.ts";

interface Banned {
  readonly pattern: RegExp;
  readonly why: string;
  /** Files that may hold it all the same. */
  readonly except?: RegExp;
}

const banned: readonly Banned[] = [
  { pattern: /\b(?:TODO|FIXME|XXX)\b/, why: "finish it, or write it down where people plan" },
  {
    pattern: /\bas any[;,)\].]|: any(?:\[\])?\s*[;,)=>]/,
    why: "parse the value, so that its type is known",
  },
  {
    pattern: /\btest\.(?:only|skip|todo)\b|\b(?:only|skip|todo): true/,
    why: "a test runs or goes",
  },
  {
    pattern: /\bMath\.random\(/,
    why: "take randomness as an argument, from node:crypto",
    except: /\.test\.ts$|^(?:tests|bench|agent)\//,
  },
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)/,
    why: "take the clock as an argument",
    except: /\.test\.ts$|^(?:tests|bench|demo|scripts)\/|^gateway\/cli\//,
  },
  {
    pattern: /\bnew Function\(|\beval\(/,
    why: "code runs in the sandbox, and nowhere else",
    except: /\.test\.ts$|^tests\/|^manifests\/tools\/js-run\//,
  },
  { pattern: /\bexecSync\(|shell: true/, why: "no shell: execFile with a list of arguments" },
  { pattern: /@ts-(?:ignore|expect-error|nocheck)/, why: "mend the type" },
  { pattern: /[ \t]+$/m, why: "no space at the end of a line" },
];

const self = /^tests\/tidy\.test\.ts$/;

for (const { pattern, why, except } of banned) {
  test(`no ${pattern.source}: ${why}`, (t) => {
    const files = sourceFiles().filter((file) => !self.test(file) && !except?.test(file));
    t.ok(files.length > 50, "a rule that sees no files holds nothing");
    t.strictSame(files.filter((file) => pattern.test(textOf(file))).map(whereIs(pattern)), []);
    t.end();
  });
}

function whereIs(pattern: RegExp): (file: string) => string {
  return (file) => {
    const line = textOf(file)
      .split("\n")
      .findIndex((text) => pattern.test(text));
    return `${file}:${line + 1}`;
  };
}

test("no source file has more than 300 lines", (t) => {
  const lines = (file: string): number => textOf(file).split("\n").length - 1;
  t.strictSame(
    sourceFiles().filter((file) => lines(file) > 300),
    [],
  );
  t.end();
});

const documents = projectFiles().filter((file) => file.endsWith(".md"));

test("a document has one title, on its first line", (t) => {
  t.ok(documents.length > 5);
  for (const file of documents) {
    const lines = withoutCode(textOf(file)).split("\n");
    t.match(lines[0], /^# \S/, `${file} begins with its title`);
    t.equal(lines.filter((line) => /^# /.test(line)).length, 1, `${file} has one title`);
  }
  t.end();
});

test("what a document links to exists", (t) => {
  const broken = documents.flatMap((file) =>
    [...withoutCode(textOf(file)).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, target]) => join(dirname(file), decodeURI(target ?? "")))
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${file} -> ${target}`),
  );
  t.strictSame(broken, []);
  t.end();
});

test("every page in docs/ can be reached from the README", (t) => {
  const reached = new Set<string>(["README.md"]);
  for (const file of reached) {
    for (const [, target] of textOf(file).matchAll(/\]\((?!https?:|#)([^)#\s]+\.md)/g)) {
      reached.add(join(dirname(file), target ?? ""));
    }
  }
  const orphans = documents.filter((file) => file.startsWith("docs/") && !reached.has(file));
  t.strictSame(orphans, []);
  t.end();
});

test("no path of one machine stands in the project", (t) => {
  const found = projectFiles()
    .filter((file) => !self.test(file) && !/\.(?:png|bin|wasm)$/.test(file))
    .filter((file) => /\/work\/(?:main|shared)|\/root\/\./.test(textOf(file)));
  t.strictSame(found, []);
  t.end();
});

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "");
}
