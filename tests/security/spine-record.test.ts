import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { test } from "tap";
import { CallsInFlight } from "../../gateway/calls-in-flight.ts";
import type { CallAnswer } from "../../manifests/call.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { parseStrictJson } from "../../manifests/strict-json.ts";
import { openTestGateway, recordHolds } from "../support/test-gateway.ts";

const seed = 20_260;
const protoKeys = '{"__proto__":{"a":1},"constructor":{"prototype":2},"toString":3}';

test("an error that is cut in the middle of a character is recorded, and the call has ended", async (t) => {
  const opened = await openTestGateway(t);
  const session = await opened.open();
  for (const length of [491, 492]) {
    const code = `throw new Error("a".repeat(${length}) + "\\u{1F600}".repeat(9))`;
    t.match(await session.propose("js.run", { code }), { code: "GUEST_ERROR" });
  }
  await recordHolds(t, opened, 2);
});

test("a secret in a key that the schema refuses is not told", async (t) => {
  const secret = ["AKIA", "Q3EGRIVCJ7WBZ2KX"].join("");
  const { open } = await openTestGateway(t, {}, (deps) => ({
    ...deps,
    tools: new Map(
      [...deps.tools].map(([name, tool]) => [
        name,
        { ...tool, checkOutput: () => `the whole must NOT have: \`${secret}\`` },
      ]),
    ),
  }));
  const answer = await (await open()).propose("js.run", { code: "return 1" });
  t.match(answer, { code: "OUTPUT_INVALID" });
  t.notMatch(JSON.stringify(answer), secret);
});

/** Each tool with arguments that fit. */
const tools: readonly (readonly [string, JsonObject])[] = [
  ["js.run", { code: "return input", input: 1 }],
  ["json.query", { document: { a: 1 }, query: "a" }],
  ["csv.query", { csv: "a,b\n1,2", select: ["a"], where: [], limit: 5 }],
  ["text.search", { text: "a", pattern: "a", literal: true, ignoreCase: true, limit: 1 }],
  ["files.read", { path: "a" }],
  ["files.list", { path: "." }],
  ["files.write", { path: "a", text: "a" }],
  ["http.fetch", { url: "https://example.com/", method: "GET", headers: {} }],
  ["webhook.post", { url: "https://example.com/", body: 1 }],
];

/** Values that fit often enough to get behind the schema, and values that fit nowhere. */
const value = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "a",
    "__proto__",
    "constructor",
    ".",
    "..",
    "a/b",
    "$",
    "$keys($)",
    "(",
    "a,b\n1,2",
  ),
  fc.constantFrom("https://example.com/", "https://[::1]/", "http://a@b/", "https://xn--/"),
  fc.constantFrom(1, 0, -0, 1e21, 1000, true, false, null),
  fc.array(fc.constantFrom<JsonObject | string>("a", { column: "a", op: "eq", value: "1" }), {
    maxLength: 3,
  }),
  fc.constantFrom<JsonObject>(
    { column: "a", descending: true },
    { by: ["a"], aggregates: [{ op: "sum", column: "b" }] },
    { toString: "x", hasOwnProperty: 1 },
    {},
  ),
  fc.jsonValue({ maxDepth: 4 }),
);

const proposals = fc.constantFrom(...tools).chain(([tool, fitting]) =>
  fc.record({
    tool: fc.constant(tool),
    args: fc.oneof(
      { weight: 6, arbitrary: mostly(fitting) },
      { weight: 1, arbitrary: fc.dictionary(fc.string({ unit: "binary" }), value) },
    ),
    approval: fc.oneof(
      { weight: 5, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom("approval_x", "__proto__", "\u202e") },
    ),
  }),
);

/** Arguments that fit, but for some. */
function mostly(fitting: JsonObject): fc.Arbitrary<object> {
  const each = Object.entries(fitting).map(([name, fits]) => {
    const choices = [
      { weight: 3, arbitrary: fc.constant<unknown>(fits) },
      { weight: 1, arbitrary: value },
    ];
    return [name, fc.oneof(...choices)] as const;
  });
  return fc.record(Object.fromEntries(each));
}

test(`whatever is proposed, the answer is one of the list and no bug (seed ${seed})`, async (t) => {
  const opened = await openTestGateway(t, { hosts: { "example.com": "127.0.0.1" } });
  const session = await opened.open({ task: "post a to https://example.com/" });
  const answers: CallAnswer[] = [];
  await fc.assert(
    fc.asyncProperty(proposals, async ({ tool, args, approval }) => {
      const parsed = asFromOutside(args);
      if (parsed === undefined) return;
      const more = approval === undefined ? {} : { approval };
      answers.push(innocent(await session.propose(tool, parsed, more)));
    }),
    { seed, numRuns: 120 },
  );
  t.ok(answers.filter(({ status }) => status === "completed").length > 10, "some of it runs");
  await recordHolds(t, opened, answers.length);
});

/** An answer that shows no bug and nothing of the machine. */
function innocent(answer: CallAnswer): CallAnswer {
  const isBug = answer.code === "INTERNAL" || answer.ring === "record";
  const tells = /\/work|\/tmp|node_modules|\bat .*:\d+:\d+|ask-|writes-inside|reads-inside/;
  if (isBug || tells.test(answer.detail ?? "")) throw new Error(JSON.stringify(answer));
  return answer;
}

/** As a door would hand it on; undefined where the door refuses it. */
function asFromOutside(args: unknown): JsonObject | undefined {
  try {
    return parseStrictJson(JSON.stringify(args)) as JsonObject;
  } catch {
    return undefined;
  }
}

const odd: readonly (readonly [string, JsonObject])[] = [
  ["a text of a million", { code: "return input.length", input: "x".repeat(1_000_000) }],
  ["a key of a million", { code: "return 1", ["k".repeat(1_000_000)]: 1 }],
  ["fifty thousand values", { code: "return 1", input: new Array(49_000).fill("read it") }],
  ["30 levels", { code: "return input", input: JSON.parse("[".repeat(29) + "]".repeat(29)) }],
  [
    "keys of every object",
    { code: "return input", input: parseStrictJson(protoKeys) as JsonObject },
  ],
  ["line breaks and orders", { code: "return '\u001b]0;x\u0007\u202e\\r\\n'" }],
];

test("large and odd arguments are refused or done, and recorded", async (t) => {
  const opened = await openTestGateway(t);
  const session = await opened.open({ task: "read it. ".repeat(100) });
  for (const [name, args] of odd) {
    const { status, code = "" } = await session.propose("js.run", args);
    t.match(`${status} ${code}`, /^completed |ARGUMENTS_INVALID|OUTPUT_LIMIT|TEXT_DISGUISED/, name);
  }
  for (const tool of ["__proto__", "constructor", "JS.RUN", "js.run\u0000", "\u202ejs.run", ""]) {
    t.match(await session.propose(tool, {}), { code: "TOOL_UNKNOWN" });
  }
  await recordHolds(t, opened, odd.length + 6);
});

test("cancelled at any moment, frozen at any moment, a call ends once and its budget is settled", async (t) => {
  const opened = await openTestGateway(t);
  const { gateway } = opened;
  const session = await opened.open();
  const calls = new CallsInFlight(gateway.deps);
  const flights = Array.from({ length: 16 }, (_, index) => {
    const proposal = { tool: "js.run", arguments: { code: `return ${index}` } };
    const flight = calls.begin({ bearer: session.token, session: session.id, proposal });
    void sleep(index * 2).then(() => calls.cancel(session.id, flight.id));
    return flight;
  });
  const freeze = { kind: "session", id: session.id } as const;
  await sleep(20);
  await gateway.deps.store.freezes.freeze(freeze, "test", "olga");
  await calls.stop(freeze);
  const answers = await Promise.all(flights.map(({ answer }) => answer));
  for (const { status, code = "" } of answers) {
    t.match(`${status} ${code}`, /^completed |CANCELLED|FROZEN/);
  }
  t.equal(calls.cancel(session.id, flights[0]?.id ?? ""), false, "what has ended is not cancelled");
  t.match(await session.propose("js.run", { code: "return 1" }), { code: "FROZEN" });
  await recordHolds(t, opened, 17);
});
