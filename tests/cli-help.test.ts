import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "tap";
import { exitCodes } from "../gateway/cli/exit-codes.ts";
import { ringward } from "./support/command-line.ts";

const commands = [
  ["init"],
  ["start"],
  ["demo"],
  ["call"],
  ["doctor"],
  ["manifest"],
  ["manifest", "check"],
  ["policy"],
  ["policy", "check"],
  ["policy", "test"],
  ["eval"],
  ["eval", "detect"],
  ["audit"],
  ["audit", "list"],
  ["audit", "show"],
  ["audit", "verify"],
  ["audit", "checkpoint"],
  ["approvals"],
  ["quarantine"],
  ["suppressions"],
  ["keys"],
  ["secrets"],
  ["secrets", "set"],
  ["secrets", "list"],
  ["secrets", "rotate"],
  ["secrets", "rm"],
  ["freeze"],
  ["thaw"],
  ["freezes"],
];

test("the help names every command, fits 100 columns and exits with 0", async (t) => {
  const { code, stdout, stderr } = await ringward(["--help"], { folder: t.testdir({}) });
  t.equal(code, 0);
  t.equal(stderr, "");
  for (const [name] of commands) t.match(stdout, new RegExp(`^  ${name}\\b`, "m"));
  for (const line of stdout.split("\n")) t.ok(line.length <= 100, line);
});

for (const command of commands) {
  test(`the help of \`${command.join(" ")}\` ends in examples`, async (t) => {
    const { code, stdout } = await ringward([...command, "--help"], { folder: t.testdir({}) });
    t.equal(code, 0);
    t.match(stdout, /\nExamples:\n {2}ringward [^\n]+(\n {2}ringward [^\n]+)*\n$/);
  });
}

test("the version is the package's", async (t) => {
  const { code, stdout } = await ringward(["--version"], { folder: t.testdir({}) });
  t.equal(code, 0);
  t.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["a misspelt command", ["strat"], /unknown command 'strat' \(Did you mean start\?\)/],
  ["a misspelt command below", ["keys", "lst"], /unknown command 'lst' \(Did you mean list\?\)/],
  [
    "a misspelt option",
    ["audit", "verify", "--ancor", "x"],
    /'--ancor' \(Did you mean --anchor\?\)/,
  ],
  [
    "a missing option",
    ["freeze", "tool", "x"],
    /required option '--reason <text>' not specified \(see `ringward freeze --help`\)/,
  ],
  ["an option that is none", ["keys", "list", "--al"], /\(see `ringward keys list --help`\)/],
  ["a missing argument", ["freeze", "tool", "--reason", "x"], /missing required argument 'id'/],
  ["an excess argument", ["doctor", "now"], /too many arguments/],
  [
    "a kind that is none",
    ["keys", "new", "root", "--principal", "x"],
    /host, agent, operator, auditor/,
  ],
  ["a principal that is no name", ["keys", "new", "host", "--principal", "a b"], /letters, digits/],
  ["a kind of record that is none", ["audit", "list", "--kind", "ends"], /intent, end, .+event\.…/],
  ["a code that is none", ["audit", "list", "--code", "DENIED"], /`docs\/errors\.md` lists them/],
  [
    "days that are no number",
    ["keys", "new", "host", "--principal", "a", "--days", "x"],
    /whole days/,
  ],
];

for (const [what, args, message] of wrong) {
  test(`exits with 2 and one line: ${what}`, async (t) => {
    const { code, stdout, stderr } = await ringward(args, { folder: t.testdir({}) });
    t.equal(code, 2);
    t.equal(stdout, "");
    t.match(stderr, /^ringward: [^\n]+\n$/);
    t.match(stderr, message);
  });
}

test("nothing of the sandbox, the policy engine or the bundler is loaded for help", async (t) => {
  const { stderr, code } = await ringward(["call", "--help"], {
    folder: t.testdir({}),
    env: { NODE_DEBUG: "esm,module" },
  });
  t.equal(code, 0);
  t.notMatch(stderr, /isolated-vm|cedar-wasm|esbuild|better-sqlite3|fastify|\/zod\//);
});

test("the exit codes of the code and of docs/cli.md are the same", async (t) => {
  const text = await readFile(join(import.meta.dirname, "..", "docs", "cli.md"), "utf8");
  const documented = [...text.matchAll(/^\| (\d+) \| `(\w+)`: /gm)].map(([, code, name]) => [
    name,
    Number(code),
  ]);
  t.same(Object.fromEntries(documented), exitCodes);
});
