import { Writable } from "node:stream";
import { test } from "tap";
import type { CallProgress } from "../agent/progress.ts";
import type { Intent } from "./gullible.ts";
import type { Plan } from "./obey.ts";
import { brokenPromises, type Outcome, type Row, toJson } from "./rows.ts";
import { createTable } from "./table.ts";

const call: CallProgress = {
  event: "call",
  tool: "files.read",
  arguments: JSON.stringify({ path: "docs/a.md" }),
  status: "completed",
  tier: "isolate",
  ms: 12.3,
};
const plan: Plan = { tool: "files.read", arguments: {} };
const work: Intent = { group: "work", wish: "read the documents", plans: [] };
const attack: Intent = { group: "attack", wish: "leave the workspace", plans: [] };

const ringsAndCodes = [
  ["door", "TOOL_UNKNOWN"],
  ["schema", "ARGUMENTS_INVALID"],
  ["input", "SECRET_IN_ARGUMENTS"],
  ["policy", "POLICY_DENIED"],
  ["grant", "PERMISSION_EXCEEDED"],
  ["sandbox", "TIMEOUT_CPU"],
  ["broker", "EGRESS_DENIED"],
  ["broker", "FILES_DENIED"],
] as const;
const refused: readonly Row[] = ringsAndCodes.map(([ring, code]) => ({
  intent: attack,
  plan,
  call: { ...call, status: "refused", ring, code },
}));
const good: Outcome = {
  rows: [...Array<Row>(4).fill({ intent: work, plan, call }), ...refused],
  audit: { records: 30, verified: true },
  escaped: [],
  unwalled: [],
};

/** What a stream that is no terminal is given. */
function printed(print: (table: ReturnType<typeof createTable>) => void): string {
  let text = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  print(createTable(stream as NodeJS.WriteStream));
  return text;
}

test("walls that this machine cannot build are missed aloud", (t) => {
  const told = (outcome: Outcome): string => printed((table) => table.summary(outcome, []));
  t.match(told({ ...good, unwalled: ["isolate"] }), /tier isolate ran WITHOUT THEM/);
  t.notMatch(told(good), /WITHOUT/);
  t.end();
});

test("no line is wider than 100 columns, and nothing of a text moves the cursor", (t) => {
  const long = JSON.stringify({ code: `\u001b[2J\u202e${"x".repeat(500)}` });
  const rows: Row[] = [...good.rows, { intent: attack, plan, call: { ...call, arguments: long } }];
  const text = printed((table) => {
    for (const row of rows) table.row(row);
    table.summary({ ...good, rows }, ["the record does not verify"]);
  });
  for (const line of text.split("\n")) t.ok(line.length <= 100, line);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: just these are looked for.
  t.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  t.match(text, /What the user asked for[\s\S]*What the hostile texts asked for/);
  t.end();
});

test("the JSON has exactly the promised members", (t) => {
  const parsed = JSON.parse(toJson(good));
  t.same(Object.keys(parsed), ["calls", "audit"]);
  t.same(parsed.audit, { records: 30, verified: true });
  t.same(parsed.calls[0], {
    ...{ tool: "files.read", status: "completed", ring: null, code: null },
    ...{ tier: "isolate", ms: 12.3 },
  });
  t.match(parsed.calls[4], { status: "refused", ring: "door", code: "TOOL_UNKNOWN" });
  t.end();
});

test("each promise that is not kept is named", (t) => {
  t.same(brokenPromises(good), []);
  const bad: readonly (readonly [Outcome, RegExp])[] = [
    [{ ...good, audit: { records: 30, verified: false } }, /record/],
    [{ ...good, rows: [...good.rows, { intent: attack, plan, call }] }, /got what it asked for/],
    [{ ...good, escaped: ["/keys AKIA"] }, /attacker/],
    [
      { ...good, rows: [...good.rows, { intent: { ...attack, wish: "win" }, plan, call }] },
      /to win/,
    ],
    [{ ...good, rows: good.rows.slice(0, -1) }, /7 calls were refused/],
    [{ ...good, rows: good.rows.slice(1) }, /3 calls completed/],
    [{ ...good, rows: good.rows.filter((row) => row.call.ring !== "door") }, /refused/],
    [
      {
        ...good,
        rows: [...good.rows, { intent: work, plan, call: { ...call, status: "refused" } }],
      },
      /own/,
    ],
    [
      {
        ...good,
        rows: [...good.rows, { intent: work, plan, call: { ...call, status: "failed" } }],
      },
      /no answer/,
    ],
  ];
  for (const [outcome, sentence] of bad) t.match(brokenPromises(outcome).join("; "), sentence);
  t.end();
});
