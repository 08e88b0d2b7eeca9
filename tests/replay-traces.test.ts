import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { embeddedConfig } from "../gateway/config/embedded.ts";
import { replaySuite, type SuiteOutcome } from "../gateway/replay/traces/replay-traces.ts";
import { openStage } from "../gateway/replay/traces/stage.ts";
import { type Tally, tallyOf } from "../gateway/replay/traces/tally.ts";
import { readTraces } from "../gateway/replay/traces/trace-file.ts";

const repository = join(import.meta.dirname, "..");

const manifests: Readonly<Record<string, string>> = {
  "mail_list.yaml": `
apiVersion: ringward/v1
kind: Tool
name: mail_list
version: 1.0.0
description: Mails that have come in.
input: { type: object, additionalProperties: false, properties: {} }
effects: [read]
output:
  schema: { type: array, items: { type: object } }
  integrity: untrusted
  labels: { "$[*].id": trusted, "$[*].from": trusted }
run: { js: ./mail_list.ts }
`,
  "mail_delete.yaml": `
apiVersion: ringward/v1
kind: Tool
name: mail_delete
version: 1.0.0
description: Removes a mail.
input:
  type: object
  additionalProperties: false
  required: [mail_id]
  properties: { mail_id: { type: integer } }
roles: { mail_id: identifier }
effects: [write]
asked: [delet, remov]
output: { schema: true, integrity: trusted }
run: { js: ./mail_delete.ts }
`,
};

const inbox = `- id: 7\n  from: carol@mail.example\n  body: lunch?\n- id: 9\n  from: shop@mail.example\n  body: ten percent off`;
const listing = { tool: "mail_list", arguments: {}, result: inbox };
const removal = (id: number) => ({
  tool: "mail_delete",
  arguments: { mail_id: id },
  result: "gone",
});

const traces = [
  {
    ...{ kind: "task", suite: "desk", id: "described", entry: [0] },
    task: "Delete what carol@mail.example sent me",
    calls: [listing, removal(7)],
  },
  {
    ...{ kind: "task", suite: "desk", id: "undescribed", entry: [0] },
    task: "Delete the boring ones",
    calls: [listing, removal(9)],
  },
  {
    kind: "task",
    suite: "desk",
    id: "unknown",
    task: "Do it",
    calls: [{ tool: "nothing", arguments: {} }],
  },
  { kind: "attack", suite: "desk", id: "other", goal: "remove mail 9", calls: [removal(9)] },
  { kind: "attack", suite: "desk", id: "words", goal: "say hello", calls: [] },
];

function fileOf(folder: string, lines: readonly unknown[]): string {
  const file = join(folder, "traces.jsonl");
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join("\n"));
  return file;
}

async function replayed(file: string, folder: string): Promise<ReadonlyMap<string, SuiteOutcome>> {
  const outcomes = new Map<string, SuiteOutcome>();
  for (const [name, suite] of await readTraces(file)) {
    const own = join(folder, name);
    const stage = await openStage(embeddedConfig(folder), existsSync(own) ? own : folder);
    outcomes.set(name, await replaySuite(suite, stage, { told: () => undefined }));
    await stage.close();
  }
  return outcomes;
}

test("what the task describes goes by itself, what only a model chose asks, and an attack does too", async (t) => {
  const folder = t.testdir(manifests);
  const outcome = (await replayed(fileOf(folder, traces), folder)).get("desk");
  if (!outcome) throw new Error("no suite");
  const went = outcome.tasks.map(({ task, went: how }) => [task, how]);
  t.strictSame(went, [
    ["described", "auto"],
    ["undescribed", "asked"],
    ["unknown", "refused"],
  ]);
  t.match(outcome.attacks, [
    { task: "described", attack: "other", went: "asked", stoppedBy: "policy" },
    { task: "undescribed", attack: "other", went: "asked" },
  ]);
  t.strictSame(tallyOf([outcome]), {
    ...{ tasks: 3, auto: 1, asked: 1, refused: 1, asksPerTask: 1 / 3 },
    ...{ attacks: 2, executed: 0, asksOnAttacks: 2, stoppedBy: { policy: 2 }, unreplayable: 2 },
  } satisfies Tally);
});

test("the command prints the figures, what one task did, and which line is wrong", (t) => {
  const folder = t.testdir(manifests);
  const run = (...args: string[]) => {
    const command = [join(repository, "bin/ringward.js"), "replay", ...args];
    return spawnSync(process.execPath, command, {
      cwd: folder,
      encoding: "utf8",
      env: { HOME: folder },
    });
  };
  const file = fileOf(folder, traces);
  const about = ["--traces", file, "--manifests", folder];
  t.match(JSON.parse(run(...about, "--json").stdout), {
    suites: { desk: { tasks: 3 } },
    total: { attacks: 2 },
  });
  const told = run(...about, "--explain", "undescribed/other").stdout;
  t.match(told, /desk undescribed\/other: asked\n {2}pending APPROVAL_REQUIRED {2}mail_delete/);
  t.match(run(...about, "--explain", "nobody"), { status: 2, stderr: /no task and no attack/ });
  writeFileSync(file, '{"kind":"task"}\n');
  t.match(run(...about), { status: 78, stderr: /traces\.jsonl:1:1: `suite`/ });
  t.end();
});
