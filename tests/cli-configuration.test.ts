import { chown, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "tap";
import { ringward } from "./support/command-line.ts";

const head = "apiVersion: ringward/v1\nkind: Deployment\n";

const refused: readonly (readonly [string, string, RegExp])[] = [
  ["an unknown key", `${head}wrokers: 2\n`, /ringward\.yaml:3:1: .*wrokers.*\(remove the key/],
  [
    "an empty pipeline",
    `${head}guards: { input: [] }\n`,
    /:3:11: .*an empty pipeline guards nothing/,
  ],
  ["a file that is no YAML", `${head}listen: [\n`, /ringward\.yaml:\d+:\d+: /],
  ["an empty file", "", /ringward\.yaml:1:1: the file is empty/],
  ["a folder of policies that is missing", `${head}policies: [./none]\n`, /none/],
  ["a policy that is no Cedar", `${head}policies: [./bad-policies]\n`, /bad\.cedar:1:\d+: /],
  ["no policy at all", `${head}policies: [./no-policies]\n`, /no policy at all/],
  ["a manifest that is wrong", `${head}manifests: [./bad-tools]\n`, /bad\.yaml:1:1: /],
  ["a shipped tool that does not exist", `${head}tools: [js.rum]\n`, /no shipped tool `js\.rum`/],
  ["a state folder that is a file", `${head}state: ./a-file\n`, /a-file: .+\(/],
  ["a store that is no store", `${head}state: ./bad-state\n`, /not a store of Ringward/],
  ["a workspace that is a file", `${head}workspace: ./a-file\n`, /a-file/],
  [
    "a door open in the clear",
    `${head}listen: { agents: { host: 0.0.0.0, port: 0 } }\n`,
    /TLS|proxy/,
  ],
  ["an authority that is missing", `${head}authorities: [no.pem]\n`, /no\.pem: no certificate can/],
  ["an authority that is none", `${head}authorities: [a-file]\n`, /a-file: no certificate .+PEM/],
  [
    "a misspelt place of a secret",
    `${head}secrets: { named: { desk: { from: { comand: [x] }, binding: {} } } }\n`,
    /ringward\.yaml:3:\d+: .*from.*unrecognized key: "comand" \(remove the key/,
  ],
  ["a certificate that is missing", `${head}listen: { tls: { cert: a, key: b } }\n`, /ENOENT/],
];

for (const [what, text, message] of refused) {
  test(`does not start, exits with 78 and says why on one line: ${what}`, async (t) => {
    const folder = t.testdir({
      "ringward.yaml": text,
      "a-file": "text",
      "bad-policies": { "bad.cedar": "permit (principal, action" },
      "no-policies": {},
      "bad-tools": { "bad.yaml": "kind: Tool\n" },
      "bad-state": { "store.sqlite": "x".repeat(5_000) },
    });
    const { code, stdout, stderr } = await ringward(["start", "--log", "silent"], { folder });
    t.match(stderr, /^ringward: [^\n]+\n$/);
    t.equal(code, 78, stderr);
    t.equal(stdout, "");
    t.match(stderr, message);
    t.notMatch(stderr, /\n {4}at /, "no stack");
  });
}

test("a deployment file that is named and missing is not replaced by defaults", async (t) => {
  const folder = t.testdir({});
  const { code, stderr } = await ringward(["start", "--config", "no.yaml"], { folder });
  t.equal(code, 78);
  t.match(stderr, /no\.yaml:1:1: cannot be read: ENOENT/);
});

test("a stack is printed with --debug alone", async (t) => {
  const folder = t.testdir({ "ringward.yaml": `${head}a: 1\n` });
  const plain = await ringward(["keys", "list"], { folder });
  t.notMatch(plain.stderr, /\n {4}at /);
  const debug = await ringward(["keys", "list", "--debug"], { folder });
  t.match(debug.stderr, /\n {4}at /);
  t.equal(debug.code, 78);
});

test("a state folder that may not be written is said so", { skip: isRoot() }, async (t) => {
  const folder = t.testdir({ "ringward.yaml": `${head}state: ./locked/state\n` });
  await mkdir(join(folder, "locked"), { mode: 0o500 });
  const { code, stderr } = await ringward(["keys", "list"], { folder });
  t.equal(code, 78);
  t.match(stderr, /not a folder to write to/);
});

const onlyRoot = isRoot() ? false : "only root can give a folder away";

test("root takes over no file of another user's state", { skip: onlyRoot }, async (t) => {
  const folder = t.testdir({ "ringward.yaml": `${head}state: ./state\n` });
  const state = join(folder, "state");
  await mkdir(state, { mode: 0o700 });
  await chown(state, 65_534, 65_534);
  const { code, stderr } = await ringward(["keys", "list"], { folder });
  t.equal(code, 78);
  t.match(stderr, /belongs to user id 65534, and this runs as user id 0 \(run it as its owner/);
  t.strictSame(await readdir(state), []);
});

function isRoot(): string | false {
  return process.getuid?.() === 0 ? "root may write everywhere" : false;
}
