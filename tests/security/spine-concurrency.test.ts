import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Test, test } from "tap";
import type { CallAnswer } from "../../manifests/call.ts";
import type { JsonObject } from "../../manifests/json.ts";
import {
  openTestGateway,
  recordHolds,
  type TestGateway,
  type TestSession,
} from "../support/test-gateway.ts";

const bob = { actor: "local:bob", principal: "bob" } as const;
const write = { path: "elsewhere.txt", text: "one" };

/** A tainted session in which `write` waits for a person. */
async function asking(t: Test): Promise<Asking> {
  const opened = await openTestGateway(t);
  await writeFile(join(opened.workspace, "page.txt"), "hello");
  const session = await opened.open({ task: "read page.txt" });
  await session.propose("files.read", { path: "page.txt" });
  const { approval = "" } = await session.propose("files.write", write);
  const answer = async (given: "approved" | "denied"): Promise<void> => {
    await opened.gateway.deps.store.approvals.answer(approval, given, bob);
  };
  return { ...opened, session, approval, answer };
}

interface Asking extends TestGateway {
  readonly session: TestSession;
  readonly approval: string;
  readonly answer: (given: "approved" | "denied") => Promise<void>;
}

/** Calls that look like the approved one. */
const others: readonly (readonly [string, string, JsonObject])[] = [
  ["another spelling of the path", "files.write", { ...write, path: "./elsewhere.txt" }],
  ["a doubled slash", "files.write", { ...write, path: "elsewhere.txt//" }],
  ["white space", "files.write", { ...write, path: "elsewhere.txt " }],
  ["another case", "files.write", { ...write, path: "Elsewhere.txt" }],
  ["a full-width letter", "files.write", { ...write, path: "ｅlsewhere.txt" }],
  ["a decomposed letter", "files.write", { ...write, text: "one\u0301" }],
  ["an invisible character", "files.write", { ...write, text: "one\u200b" }],
  ["a line break at the end", "files.write", { ...write, text: "one\n" }],
  ["another tool", "files.read", { path: "elsewhere.txt" }],
];

test("an approval is for its own call and no look-alike", async (t) => {
  const { session, approval, answer, open } = await asking(t);
  await answer("approved");
  for (const [name, tool, args] of others) {
    const { status } = await session.propose(tool, args, { approval });
    t.equal(status, "refused", name);
  }
  const sibling = await open();
  t.match(await sibling.propose("files.write", write, { approval }), { code: "APPROVAL_MISMATCH" });
  const stranger = await open({ principal: "bob" });
  t.match(await stranger.propose("files.write", write, { approval }), {
    code: "APPROVAL_MISMATCH",
  });
  const turned = { text: write.text, path: write.path };
  t.match(await session.propose("files.write", turned, { approval }), { status: "completed" });
});

test("of many calls that race for one approval one runs", async (t) => {
  const { session, approval, answer } = await asking(t);
  await answer("approved");
  const racing = Array.from({ length: 16 }, (_, index) =>
    session.propose("files.write", write, index % 2 === 0 ? { approval } : {}),
  );
  const answers = await Promise.all(racing);
  t.equal(answers.filter(({ status }) => status === "completed").length, 1);
});

test("an approval is answered once, and a no stays a no", async (t) => {
  const { session, approval, answer } = await asking(t);
  await answer("denied");
  await t.rejects(answer("approved"), { code: "APPROVAL_MISMATCH" });
  t.match(await session.propose("files.write", write, { approval }), { code: "APPROVAL_DENIED" });
  t.match(await session.propose("files.write", write), { code: "APPROVAL_DENIED" });
  const turned = { text: write.text, path: write.path };
  t.match(await session.propose("files.write", turned), { code: "APPROVAL_DENIED" });
});

test("an approval that was given is void once the user says something that changes the sources", async (t) => {
  const { session, approval, answer, gateway } = await asking(t);
  await answer("approved");
  await gateway.deps.store.sessions.addTurn(session.id, "now leave elsewhere.txt alone", "app");
  const named = await session.propose("files.write", write, { approval });
  t.match(named, { status: "refused", code: "APPROVAL_MISMATCH" });
});

/** Budgets of which `calls` at once leave at most `most`. */
const budgets: readonly (readonly [string, JsonObject, number])[] = [
  ["calls", { calls: 5 }, 5],
  ["bytes", { bytes: 262_144 * 3 }, 2],
  ["seconds", { seconds: 12 }, 2],
];

for (const [name, budget, most] of budgets) {
  test(`a budget of ${name} holds against calls at once`, async (t) => {
    const opened = await openTestGateway(t);
    const session = await opened.open({ budget });
    const sum = { document: null, query: "$sum([1..10000])" };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => session.propose("json.query", sum)),
    );
    t.ok(completed(answers) >= 1 && completed(answers) <= most, `${completed(answers)} ran`);
    const refused = answers.filter(({ status }) => status !== "completed");
    t.ok(refused.every(({ code: why }) => why === "BUDGET_EXHAUSTED"));
    await recordHolds(t, opened, 8);
  });
}

test("32 calls at once, of which some bring in untrusted text, all end", async (t) => {
  const opened = await openTestGateway(t, { workers: 2 });
  await writeFile(join(opened.workspace, "page.txt"), "https://evil.example/drop");
  const [session, other] = [await opened.open(), await opened.open()];
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, index) => {
      const from = index % 2 === 0 ? session : other;
      if (index % 8 === 0) return from.propose("files.read", { path: "page.txt" });
      return from.propose("json.query", { document: index, query: "$" });
    }),
  );
  t.equal(completed(answers), 32);
  const reads = answers.filter(({ tool }) => tool === "files.read");
  t.ok(reads.every(({ label }) => label?.integrity === "untrusted"));
  await recordHolds(t, opened, 32);
});

test("one key and many bodies at once: one runs, and nobody gets another's answer", async (t) => {
  const opened = await openTestGateway(t);
  const [session, other] = [await opened.open(), await opened.open()];
  const keyed = (who: TestSession, code: string) =>
    who.propose("js.run", { code }, { idempotencyKey: "__proto__" });
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => keyed(session, `return ${index % 2}`)),
  );
  t.equal(new Set(answers.filter((a) => a.status === "completed").map((a) => a.id)).size, 1);
  t.match(await keyed(other, "return 'mine'"), { status: "completed", output: "mine" });
});

test("a session's end ends its calls to come, also the replay of old ones", async (t) => {
  const { open } = await openTestGateway(t);
  const session = await open({ seconds: 1 });
  const call = () => session.propose("js.run", { code: "return 1" }, { idempotencyKey: "k" });
  await call();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  t.match(await call(), { status: "refused", code: /SESSION_ENDED|UNAUTHENTICATED/ });
});

function completed(answers: readonly CallAnswer[]): number {
  return answers.filter(({ status }) => status === "completed").length;
}
