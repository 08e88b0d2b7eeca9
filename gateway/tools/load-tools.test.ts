import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { SourceError } from "../../manifests/source-error.ts";
import { loadTools } from "./load-tools.ts";
import type { Tool } from "./tool.ts";

const header = "apiVersion: ringward/v1\nkind: Tool\n";
const code = "export function run(args) { return args; }\n";

interface Parts {
  readonly name?: string;
  readonly input?: string;
  readonly output?: string;
  readonly rest?: string;
}

function yaml({ name = "a.tool", input = "{}", output = "true", rest = "" }: Parts = {}): string {
  return `${header}name: ${name}
version: 1.0.0
description: A tool.
input: { type: object, additionalProperties: false, properties: ${input} }
effects: [read]
output: { schema: ${output}, integrity: trusted }
run: { js: ./tool.ts }
${rest}`;
}

/** A folder with one tool, and what else is in it. */
function folderOf(t: Test, files: Record<string, string>): string {
  return t.testdir({ tool: { "tool.ts": code, ...files } });
}

async function load(folder: string): Promise<Tool> {
  const tools = await loadTools({ shipped: [], folders: [folder] });
  const [tool] = tools.values();
  if (tool === undefined) throw new Error("no tool was found");
  return tool;
}

async function refusal(folder: string): Promise<string> {
  try {
    await load(folder);
  } catch (error) {
    if (error instanceof SourceError) return error.message.replaceAll(folder, "");
    throw error;
  }
  return "nothing is wrong";
}

test("every shipped tool loads, small enough to be compiled for each call", async (t) => {
  const tools = await loadTools({ folders: [] });
  t.same([...tools.keys()].sort(), [
    "csv.query",
    "files.list",
    "files.read",
    "files.write",
    "git.log",
    "http.fetch",
    "js.run",
    "json.query",
    "node.run",
    "python.run",
    "shell.run",
    "text.search",
    "webhook.post",
  ]);
  for (const [name, tool] of tools) {
    t.match(tool.pin, /^[0-9a-f]{64}$/, name);
    t.equal(tool.manifest.input["additionalProperties"], false, name);
  }
  const bytes = (name: string): number => tools.get(name)?.code.length ?? Number.NaN;
  t.ok(bytes("js.run") < 1_000, `js.run: ${bytes("js.run")}`);
  t.ok(bytes("csv.query") < 40_000, `csv.query: ${bytes("csv.query")}`);
  t.ok(bytes("json.query") < 120_000, `json.query: ${bytes("json.query")}`);
  t.ok(bytes("text.search") < 200_000, `text.search: ${bytes("text.search")}`);
});

test("arguments of the shipped tools: what fits, and what does not", async (t) => {
  const tools = await loadTools({ folders: [] });
  const check = (name: string, value: unknown): string | undefined =>
    tools.get(name)?.checkArguments(JSON.parse(JSON.stringify(value)));
  for (const [name, value] of [
    ["js.run", { code: "return 1", input: [1, { a: null }] }],
    ["json.query", { document: null, query: "a" }],
    ["csv.query", { csv: "a\n1", where: [{ column: "a", op: "gt", value: 0 }], limit: 5 }],
    ["text.search", { text: "a", pattern: "a" }],
    ["http.fetch", { url: "http://a.example/?q=1", headers: { accept: "x" } }],
    ["files.read", { path: "a" }],
    ["webhook.post", { url: "https://a.example/x", body: [1] }],
    ["shell.run", { command: "ls", stdin: "", files: { "a/b.txt": "x" } }],
    ["node.run", { code: "return 1", input: null }],
    ["python.run", { code: "output = 1" }],
    ["git.log", { repo: ".", limit: 500, path: "-x", since: "2026-01-31T00:00:00+01:00" }],
  ] as const) {
    t.equal(check(name, value), undefined, name);
  }
  for (const [name, value, says] of [
    ["js.run", { code: 1 }, "`/code` must be string"],
    ["js.run", {}, "must have required property 'code'"],
    ["js.run", { code: "x", host: 1 }, "must NOT have additional properties: `host`"],
    ["http.fetch", { url: "file:///etc/passwd" }, "must match pattern"],
    ["http.fetch", { url: "https://a b/" }, "must match format"],
    ["http.fetch", { url: "https://a.example", method: "POST" }, "allowed values: GET, HEAD"],
    ["http.fetch", { url: "https://a.example", headers: { "a b": "x" } }, "`/headers`"],
    ["webhook.post", { url: "http://a.example/", body: 1 }, "must match pattern"],
    ["shell.run", { command: "ls", files: { "../x": "" } }, "`/files` must match pattern"],
    ["git.log", { repo: ".", since: "--output=x" }, "must match pattern"],
    ["git.log", { repo: ".", limit: "1 --all" }, "must be integer"],
    ["git.log", { repo: ".", rev: "--all" }, "must NOT have additional properties: `rev`"],
    ["text.search", { text: "a", pattern: "x".repeat(1_001) }, "more than 1000 characters"],
  ] as const) {
    t.match(check(name, value), says, name);
  }
});

test("the pin changes with the manifest and with the code, and with nothing else", async (t) => {
  const first = await load(folderOf(t, { "manifest.yaml": yaml() }));
  const spaced = await load(folderOf(t, { "manifest.yaml": `# a remark\n${yaml()}` }));
  const other = await load(folderOf(t, { "manifest.yaml": yaml({ input: "{ a: true }" }) }));
  const changed = folderOf(t, { "manifest.yaml": yaml(), "tool.ts": "export const run = 1;" });
  t.equal(spaced.pin, first.pin);
  t.not(other.pin, first.pin);
  t.not((await load(changed)).pin, first.pin);
});

test("the code leaves its exports on one global, and carries no name of a local path", async (t) => {
  const folder = folderOf(t, { "manifest.yaml": yaml(), "x.ts": "export const x: number = 7;" });
  writeFileSync(
    join(folder, "tool/tool.ts"),
    'import { x } from "./x.ts"; export const run = () => x;',
  );
  const tool = await load(folder);
  t.equal(new Function(`${tool.code};return tool.run()`)(), 7);
  t.notMatch(tool.code, folder);
});

test("manifests stand in the folder itself or one level below", async (t) => {
  const folder = t.testdir({
    "one.yaml": yaml({ name: "one" }),
    "tool.ts": code,
    two: { "manifest.yaml": yaml({ name: "two" }), "tool.ts": code, "other.yaml": "no: manifest" },
    empty: {},
    deep: { deeper: { "manifest.yaml": "not: read" } },
  });
  const tools = await loadTools({ shipped: ["js.run"], folders: [folder] });
  t.same([...tools.keys()].sort(), ["js.run", "one", "two"]);
});

test("a bad manifest is refused at its line and column, with the mend", async (t) => {
  for (const [manifest, says] of [
    [yaml({ rest: "nope: 1\n" }), /manifest.yaml:10:1: unrecognized key.*\(remove the key/],
    [yaml({ name: "A.Tool" }), /manifest.yaml:3:1: `name`.*lower-case/],
    [yaml({ input: "{ a: { type: strin } }" }), /manifest.yaml:6:1: `input`: .*type/],
    [yaml({ input: "{ a: { typo: string } }" }), /manifest.yaml:6:1: .*unknown keyword: "typo"/],
    [
      yaml({ output: "{ type: string, pattern: '(?<=a)b' }" }),
      /manifest.yaml:8:11: `output.schema`/,
    ],
    [yaml({ input: "{ a: { $ref: 'https://x.example/s' } }" }), /leads out of the manifest/],
    [yaml({ input: "{ a: { $ref: other.json } }" }), /leads out of the manifest/],
    [yaml({ input: "{ a: { $id: 'https://x.example' } }" }), /remove `\$id`/],
    [yaml({ output: "{ $async: true, type: object }" }), /remove `\$async`/],
    [
      yaml({ input: "{ a: { type: array, items: {}, uniqueItems: true } }" }),
      /`maxItems` of at most/,
    ],
    [
      yaml({ rest: "permissions: { fs: [{ path: '{{args.b}}', access: read }] }\n" }),
      /`b` is no argument/,
    ],
    [
      yaml({ rest: "permissions: { fs: [{ path: 'x/{{args.b}}', access: read }] }\n" }),
      /whole text/,
    ],
    [
      yaml({ rest: "permissions: { fs: [{ path: '{{env.HOME}}', access: read }] }\n" }),
      /whole text/,
    ],
    ["", /manifest.yaml:1:1: the file is empty/],
    ["a: [", /manifest.yaml:1:\d+: /],
    [yaml() + "#".repeat(limits.manifestBytes), /manifest.yaml:1:1: the manifest has \d+ bytes/],
  ] as const) {
    t.match(await refusal(folderOf(t, { "manifest.yaml": manifest })), says);
  }
});

test("code that cannot run in a sandbox is refused, and the file is named", async (t) => {
  for (const [source, says] of [
    [
      'import fs from "node:fs"; export const run = fs;',
      /tool.ts:1:16: .*node:fs.*no Node: use what/,
    ],
    ['import "fs/promises";', /tool.ts:1:8: .*no Node/],
    ['const x = require("child_process"); export const run = x;', /tool.ts:1:19: .*no Node/],
    ['import "not-installed-anywhere";', /tool.ts:1:8: .*install the package/],
    ["export const run = ;", /tool.ts:1:20: .*mend the code/],
  ] as const) {
    t.match(await refusal(folderOf(t, { "manifest.yaml": yaml(), "tool.ts": source })), says);
  }
  const large = `export const run = () => ${JSON.stringify("x".repeat(limits.toolCodeBytes))};`;
  const folder = folderOf(t, { "manifest.yaml": yaml(), "tool.ts": large });
  t.match(await refusal(folder), /the bundled code has \d+ bytes \(at most/);
});

test("attack: code from outside the tool's folder is not taken in", async (t) => {
  const folder = t.testdir({
    "secret.json": '{"a":1}',
    "elsewhere.ts": code,
    linked: { "manifest.yaml": yaml() },
    up: { "manifest.yaml": yaml().replace("./tool.ts", "./../elsewhere.ts") },
    imports: {
      "manifest.yaml": yaml(),
      "tool.ts": 'import s from "../secret.json"; export const run = s;',
    },
    missing: { "manifest.yaml": yaml() },
    "no-run": { "manifest.yaml": yaml(), "tool.ts": "export const ran = 1;" },
  });
  symlinkSync(join(folder, "elsewhere.ts"), join(folder, "linked/tool.ts"));
  for (const [name, says] of [
    ["linked", /lies outside the tool's folder/],
    ["up", /lies outside the tool's folder/],
    ["imports", /`\.\.\/secret.json` lies outside the tool's folder/],
    ["missing", /there is no file `tool.ts` beside the manifest/],
    ["no-run", /tool\.ts:1:1: the code exports no `run`/],
  ] as const) {
    t.match(await refusal(join(folder, name)), says, name);
  }
});

test("a name stands once: the error names both files", async (t) => {
  const twice = t.testdir({
    "tool.ts": code,
    "a.yaml": yaml({ name: "same" }),
    "b.yaml": yaml({ name: "same" }),
  });
  t.match(await refusal(twice), /b.yaml:1:1: the tool `same` stands in `\/a.yaml` too/);
  const shadow = folderOf(t, { "manifest.yaml": yaml({ name: "js.run" }) });
  await t.rejects(loadTools({ folders: [shadow] }), {
    message: /stands in .*js-run\/manifest.yaml/,
  });
});

test("a folder that is not there, and a shipped tool that is none, are refused", async (t) => {
  await t.rejects(loadTools({ folders: ["/nonexistent"] }), { message: /cannot be read/ });
  await t.rejects(loadTools({ shipped: ["no.tool"], folders: [] }), {
    message: /there is no shipped tool `no.tool`/,
  });
});

test("a deployment has so many tools and no more, which is told before one is read", async (t) => {
  const files = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`${n}.yaml`, ""]));
  const most = limits.toolsPerDeployment;
  t.match(await refusal(t.testdir(files(most))), "the file is empty");
  t.match(await refusal(t.testdir(files(most + 1))), `the deployment has ${most + 1} tools`);
});

test("nothing is coerced, added or left out by a check", async (t) => {
  const input = "{ n: { type: integer, default: 1 }, s: { type: string } }";
  const tool = await load(folderOf(t, { "manifest.yaml": yaml({ input }) }));
  const value = { s: "1" };
  t.equal(tool.checkArguments(value), undefined);
  t.same(value, { s: "1" });
  t.match(tool.checkArguments({ n: "1" }), "`/n` must be integer");
  t.match(tool.checkArguments({ s: 1 }), "`/s` must be string");
  t.match(tool.checkArguments([]), "the value must be object");
});

test("attack: what is told of a bad value is short and does not repeat it", async (t) => {
  const input = "{ a: { type: integer }, b: { type: object } }";
  const tool = await load(folderOf(t, { "manifest.yaml": yaml({ input }) }));
  const secret = "hunter2".repeat(1_000);
  t.notMatch(tool.checkArguments({ a: secret }), "hunter2");
  const long = tool.checkArguments({ [`${"k".repeat(79)}\u{1f600}${secret}`]: 1 }) ?? "";
  t.ok(long.length <= 500 && long.isWellFormed(), long);
});

test("attack: a schema's patterns and formats are linear for any value", async (t) => {
  const input = `{ p: { type: string, pattern: '^(a+)+$' }, e: { type: string, format: email },
    u: { type: string, format: uri }, h: { type: string, format: hostname },
    d: { type: object, patternProperties: { '^(b*)*$': true } } }`;
  const tool = await load(folderOf(t, { "manifest.yaml": yaml({ input }) }));
  const started = process.cpuUsage();
  for (const value of [
    { p: `${"a".repeat(100_000)}!` },
    { e: `a@${"a.".repeat(100_000)}` },
    { u: `a:${"%41".repeat(100_000)} ` },
    { h: "a-".repeat(100_000) },
  ]) {
    t.type(tool.checkArguments(value), "string");
  }
  tool.checkArguments({ d: { [`${"b".repeat(100_000)}!`]: 1 } });
  // Processor time, with room for a busy machine: what backtracks takes years.
  t.ok(process.cpuUsage(started).user < 10_000_000);
});
