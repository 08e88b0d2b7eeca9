import { join } from "node:path";
import { test } from "tap";
import { ringward } from "./support/command-line.ts";

const args = ["call", "js.run", "--args", '{"code":"return 6*7"}'];

test("without any deployment a call completes, and its answer begins with status and output", async (t) => {
  const folder = t.testdir({});
  const { code, stdout, stderr } = await ringward([...args, "--json"], { folder });
  t.equal(code, 0, stderr);
  t.equal(stderr, "");
  t.ok(stdout.startsWith('{"status":"completed","output":42,'), stdout);
  t.match(stdout, /^[^\n]+\n$/);
  const verified = await ringward(["audit", "verify"], { folder });
  t.equal(verified.code, 0, verified.stdout + verified.stderr);
});

test("arguments come from a file, or from standard input", async (t) => {
  const folder = t.testdir({ "call.json": '{"code":"return 1"}' });
  const fromFile = await ringward(["call", "js.run", "--args", "@call.json", "--json"], { folder });
  t.match(JSON.parse(fromFile.stdout), { status: "completed", output: 1 });
  const piped = ["call", "js.run", "--args", "-", "--json"];
  const fromInput = await ringward(piped, { folder, stdin: '{"code":"return 2"}' });
  t.match(JSON.parse(fromInput.stdout), { status: "completed", output: 2 });
});

test("state goes where XDG_STATE_HOME says", async (t) => {
  const folder = t.testdir({ elsewhere: {} });
  const env = { XDG_STATE_HOME: join(folder, "elsewhere") };
  const listed = await ringward(["keys", "list", "--json"], { folder, env });
  t.equal(listed.stdout, "[]\n");
  const record = ["audit", "list", "--json"];
  t.equal((await ringward(record, { folder, env })).code, 0);
  const { code, stderr } = await ringward(record, { folder });
  t.equal(code, 78);
  t.match(stderr, /there is no store/);
});

const refused: readonly (readonly [string, readonly string[], string])[] = [
  ["a tool that does not exist", ["call", "no.tool", "--args", "{}"], "TOOL_UNKNOWN"],
  ["arguments that do not fit", ["call", "js.run", "--args", '{"cod":1}'], "ARGUMENTS_INVALID"],
  ["a secret in the arguments", secretCall(), "SECRET_IN_ARGUMENTS"],
];

/** Made of parts, so that no scanner finds it here. */
function secretCall(): string[] {
  const id = ["AKIA", "Q3EGR5KMZ7WVTN2A"].join("");
  return [
    "call",
    "webhook.post",
    "--args",
    JSON.stringify({ url: "https://a.example/", body: id }),
  ];
}

for (const [what, call, code] of refused) {
  test(`exits with 1 and says why and what next: ${what}`, async (t) => {
    const folder = t.testdir({});
    const told = await ringward(call, { folder });
    t.equal(told.code, 1, told.stderr);
    t.match(told.stdout, /^refused {2}/);
    t.match(told.stdout, code);
    t.match(told.stdout, /\nnext: /);
  });
}

test("arguments that are not strict JSON never become a call", async (t) => {
  const folder = t.testdir({});
  for (const text of ["{", '{"code":1,"code":2}', "[]", '{"a":1e999}']) {
    const { code, stdout, stderr } = await ringward(["call", "js.run", "--args", text], { folder });
    t.equal(code, 2);
    t.equal(stdout, "");
    t.match(stderr, /^ringward: .+ \[(?:JSON_INVALID|REQUEST_INVALID)\]\n$/);
  }
  const missing = await ringward(["call", "js.run", "--args", "@no.json"], { folder });
  t.equal(missing.code, 78);
  t.match(missing.stderr, /ENOENT.+\(check the path\)/);
});

test("what a tool returns cannot steer the terminal", async (t) => {
  const folder = t.testdir({});
  const code = 'return "\\u001b[2J\\u202e\\u200b" + "\\r\\n"';
  const told = await ringward(["call", "js.run", "--args", JSON.stringify({ code })], { folder });
  t.equal(told.code, 0, told.stderr);
  t.match(told.stdout, "\\u{202e}\\u{200b}\\u{d}");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there.
  t.notMatch(told.stdout, /[\u0000-\u0009\u000b-\u001f\u202e\u200b]/);
});

test("a tool that does not exist is answered with those that do", async (t) => {
  const folder = t.testdir({});
  const { code, stdout } = await ringward(["call", "js.rnu"], { folder });
  t.equal(code, 1);
  t.match(stdout, /\nnext: use one of csv\.query, .*js\.run, .*webhook\.post\n/);
});
