import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "tap";
import { ringward } from "./support/command-line.ts";

test("from nothing to a verified record: init, check, test, call, verify", async (t) => {
  const folder = t.testdir({});
  const made = await ringward(["init", "gateway"], { folder });
  t.equal(made.code, 0, made.stderr);
  t.match(made.stdout, "ringward keys new host");
  const where = { folder: join(folder, "gateway") };
  t.equal((await stat(join(where.folder, "state"))).mode & 0o777, 0o700);

  for (const args of [
    ["manifest", "check", "manifests"],
    ["policy", "check"],
    ["policy", "test"],
  ]) {
    const checked = await ringward(args, where);
    t.equal(checked.code, 0, `${args.join(" ")}: ${checked.stdout}${checked.stderr}`);
    t.match(checked.stdout, /^ok {2}/m);
    t.notMatch(checked.stdout, /^(?:warn|fail)/m);
    t.notOk(checked.stdout.includes("\u001b"), "no colour where no person reads");
  }

  const call = ["call", "text.count", "--args", '{"text":"one two three"}'];
  const called = await ringward([...call, "--json"], where);
  t.equal(called.code, 0, called.stderr);
  t.ok(called.stdout.startsWith('{"status":"completed","output":{"'), called.stdout);
  t.match(JSON.parse(called.stdout), { output: { characters: 13, words: 3, lines: 1 } });
  const read = await ringward(call, where);
  t.match(read.stdout, /^completed {2}text\.count {2}\d+ ms {2}call_/);

  const verified = await ringward(["audit", "verify", "--json"], where);
  t.equal(verified.code, 0, verified.stderr);
  t.match(JSON.parse(verified.stdout), { verified: true, faults: [] });

  const { id } = JSON.parse(called.stdout);
  const shown = await ringward(["audit", "show", id], where);
  t.equal(shown.code, 0, shown.stderr);
  t.match(shown.stdout, /^intent [\s\S]+^end /m);
  t.match(shown.stdout, "one two three");
  const listed = await ringward(["audit", "list", "--kind", "end", "--json"], where);
  t.equal(JSON.parse(listed.stdout).length, 2);
});

test("the record's anchor proves what it covers, and a cut-off tail is found", async (t) => {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  await ringward(["keys", "new", "host", "--principal", "app"], { folder });
  const checkpoint = await ringward(["audit", "checkpoint", "--writer", "cli"], { folder });
  t.equal(checkpoint.code, 0, checkpoint.stderr);
  await writeFile(join(folder, "anchor.json"), checkpoint.stdout);
  const args = ["audit", "verify", "--anchor", "anchor.json"];
  const good = await ringward(args, { folder });
  t.equal(good.code, 0, good.stdout + good.stderr);
  t.match(good.stdout, /^verified/m);

  await rm(join(folder, "state"), { recursive: true });
  await ringward(["keys", "list"], { folder });
  const cut = await ringward(args, { folder });
  t.equal(cut.code, 1, cut.stdout + cut.stderr);
  t.match(cut.stdout, /^NOT VERIFIED/m);

  await writeFile(join(folder, "anchor.json"), "{}");
  const none = await ringward(args, { folder });
  t.equal(none.code, 78);
  t.match(none.stderr, /no checkpoint \(make one/);
});

test("init leaves a folder alone that is not empty", async (t) => {
  const folder = t.testdir({ "notes.txt": "mine" });
  const { code, stderr } = await ringward(["init"], { folder });
  t.equal(code, 78);
  t.match(stderr, /is not empty \(name a new folder/);
  t.same(await readdir(folder), ["notes.txt"]);
});

test("manifest check names file, line and column of each bad manifest, with the line", async (t) => {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  const manifests = join(folder, "manifests");
  await writeFile(
    join(manifests, "bad-key.yaml"),
    "apiVersion: ringward/v1\nkind: Tool\nnmae: x\n",
  );
  await writeFile(join(manifests, "bad-yaml.yaml"), "a: [\n");
  const { code, stdout, stderr } = await ringward(["manifest", "check", "manifests"], { folder });
  t.equal(code, 1);
  t.equal(stderr, "");
  t.match(stdout, /^fail {2}.+bad-key\.yaml:\d+:\d+: /m);
  t.match(stdout, /^fail {2}.+bad-yaml\.yaml:\d+:\d+: /m);
  t.match(stdout, /^ok {4}.+text-count\.yaml {2}text\.count 1\.0\.0$/m);
  t.match(stdout, /^ +\d+ \| .+\n +\^$/m);
});

test("manifest check says where a tool's code does not bundle", async (t) => {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  await writeFile(join(folder, "manifests", "text-count.ts"), "export function run( {");
  const { code, stdout } = await ringward(["manifest", "check", "manifests"], { folder });
  t.equal(code, 1);
  t.match(stdout, /text-count\.ts:1:\d+: /);
});

test("policy test prints what was wanted and what came, and exits with 1", async (t) => {
  const folder = t.testdir({});
  await ringward(["init", "."], { folder });
  const text = "- { description: never, tool: text.count, arguments: { text: a }, want: deny }\n";
  await writeFile(join(folder, "cases", "wrong.yaml"), text);
  const told = await ringward(["policy", "test"], { folder });
  t.equal(told.code, 1);
  t.match(told.stdout, /fail {2}.+wrong\.yaml: never\n {6}wants deny, is allow \(reads-inside\)/);
  t.match(told.stdout, "2 of 3 cases");
  const json = await ringward(["policy", "test", "--json"], { folder });
  t.equal(json.code, 1);
  t.match(JSON.parse(json.stdout), { passed: 2, failed: [{ description: "never" }] });
});
