import { test } from "tap";
import { listRecords } from "../gateway/audit/read.ts";
import { verifyRecord } from "../gateway/audit/verify.ts";
import type { Intent } from "../gateway/store/store.ts";
import {
  sampleApproval,
  sampleGrant,
  sampleIntent,
  sampleKey,
  sampleNow,
  samplePending,
  sampleSettlement,
} from "../gateway/store/testing.ts";
import { digestJson } from "../manifests/digest.ts";
import { limits } from "../manifests/limits.ts";
import { openTestStore as open } from "./support/open-test-store.ts";

const untrusted = { integrity: "untrusted", confidentiality: "internal" } as const;
const operator = { actor: "key-operator", principal: "olga" };

test("refuses what is not true at the moment of admission, and leaves nothing behind", async (t) => {
  const { store, folder, session } = await open(t);
  await session("s");
  await session("other", { principal: "somebody" });
  const expired = { ...sampleGrant("c", "s"), expiresAt: sampleNow };
  const cases: [string, Partial<Intent>, string][] = [
    ["no such session", { grant: sampleGrant("c", "none") }, "SESSION_UNKNOWN"],
    ["somebody else's session", { grant: sampleGrant("c", "other") }, "SESSION_UNKNOWN"],
    ["a session past its time", { at: sampleNow + 3_600_000 }, "SESSION_ENDED"],
    ["labels that moved", { epoch: 2 }, "SESSION_MOVED"],
    ["an approval nobody gave", { approval: { id: "a", facts: "f" } }, "APPROVAL_MISMATCH"],
    ["a grant past its time", { grant: expired }, "GRANT_EXPIRED"],
    ["more bytes than there are", { budget: { bytes: 1e9, seconds: 1 } }, "BUDGET_EXHAUSTED"],
    ["more seconds than there are", { budget: { bytes: 1, seconds: 1e9 } }, "BUDGET_EXHAUSTED"],
  ];
  const before = await listRecords(folder);
  for (const [what, change, code] of cases) {
    await t.rejects(store.calls.admit(sampleIntent("c", "s", change)), { code }, what);
  }
  t.equal((await listRecords(folder)).length, before.length);
  await store.calls.admit(sampleIntent("c", "s"));
});

test("a frozen session, principal or tool admits nothing until it is thawed", async (t) => {
  const { store, folder, session } = await open(t);
  await session("s");
  const things = [
    { kind: "session", id: "s" },
    { kind: "principal", id: "agent-one" },
    { kind: "tool", id: "text.search" },
  ] as const;
  for (const [index, thing] of things.entries()) {
    await store.freezes.freeze(thing, "an incident", "olga");
    t.match(await store.freezes.list(), [{ ...thing, reason: "an incident", at: sampleNow }]);
    await t.rejects(store.calls.admit(sampleIntent(`c${index}`, "s")), { code: "FROZEN" });
    t.equal(await store.freezes.thaw(thing, "olga"), true);
    t.equal(await store.freezes.thaw(thing, "olga"), false);
    await store.calls.admit(sampleIntent(`c${index}`, "s"));
  }
  t.match(await verifyRecord(folder), { verified: true, faults: [] });
});

test("an approval counts only for the same facts and session, in time, and once answered", async (t) => {
  const { store, clock, session } = await open(t);
  await session("s");
  await session("t");
  const approval = sampleApproval("a", "asked", "s");
  await store.calls.settle(samplePending("asked", "s", approval));
  const use = (id: string, change: object = {}, at = sampleNow): Promise<void> => {
    const named = { id: "a", facts: approval.facts, ...change };
    return store.calls.admit(sampleIntent(id, id.slice(0, 1), { approval: named, at }));
  };
  const mismatch = { code: "APPROVAL_MISMATCH" };
  await t.rejects(use("s1"), mismatch, "not yet answered");
  const own = { actor: "key-x", principal: "agent-one" };
  await t.rejects(store.approvals.answer("a", "approved", own), mismatch, "by who asks");
  await t.rejects(store.approvals.answer("b", "approved", operator), { code: "NOT_FOUND" });
  t.match(await store.approvals.answer("a", "approved", operator), {
    status: "approved",
    answeredBy: "key-operator",
    shown: approval.shown,
  });
  await t.rejects(store.approvals.answer("a", "denied", operator), mismatch, "answered twice");
  await t.rejects(use("s2", { facts: "other" }), mismatch, "other facts");
  await t.rejects(use("t1"), mismatch, "another session");
  t.match(await store.approvals.findByFacts("s", approval.facts), { id: "a" });
  clock.now = approval.expiresAt;
  t.match(await store.approvals.find("a"), { status: "expired" });
  t.match(await store.approvals.list("expired"), [{ id: "a" }]);
  t.equal(await store.approvals.findByFacts("s", approval.facts), undefined);
  const late = { ...sampleGrant("s3", "s"), expiresAt: approval.expiresAt + 1 };
  const intent = { grant: late, at: approval.expiresAt };
  const named = { id: "a", facts: approval.facts };
  await t.rejects(
    store.calls.admit(sampleIntent("s3", "s", { ...intent, approval: named })),
    mismatch,
  );
});

test("a session asks people so often, then no more, and nothing is left of the try", async (t) => {
  const { store, folder, session } = await open(t);
  await session("s");
  for (let n = 0; n < limits.approvalsPerSession; n += 1) {
    await store.calls.settle(samplePending(`c${n}`, "s", sampleApproval(`a${n}`, `c${n}`, "s")));
  }
  const again = samplePending("again", "s", sampleApproval("a0", "again", "s"));
  await store.calls.settle(again);
  t.pass("one that is there already is not asked anew");
  const more = samplePending("more", "s", sampleApproval("more", "more", "s"));
  await t.rejects(store.calls.settle(more), { code: "APPROVALS_EXHAUSTED" });
  t.equal(await store.calls.find("more"), undefined);
  t.equal((await listRecords(folder, { call: "more" })).length, 0);
  t.equal((await store.approvals.list("waiting")).length, limits.approvalsPerSession);
});

test("what a call did not use goes back into the budget; a minute's budget says when", async (t) => {
  const { store, session } = await open(t);
  await session("s", { budget: { calls: 10, bytes: 1_100, seconds: 2 } });
  await store.calls.admit(sampleIntent("c1", "s"));
  const second = (): Promise<void> => store.calls.admit(sampleIntent("c2", "s"));
  await t.rejects(second(), { code: "BUDGET_EXHAUSTED", retryAfterSeconds: undefined });
  await store.calls.settle(sampleSettlement("c1", "s"));
  await second();
  await session("m");
  const budget = { perMinute: 1, bytes: 1, seconds: 1 };
  await store.calls.admit(sampleIntent("m1", "m", { budget }));
  const soon = sampleIntent("m2", "m", { budget, at: sampleNow + 2_500 });
  await t.rejects(store.calls.admit(soon), { code: "BUDGET_EXHAUSTED", retryAfterSeconds: 58 });
  const grant = { ...sampleGrant("m3", "m"), expiresAt: sampleNow + 61_000 };
  await store.calls.admit(sampleIntent("m3", "m", { budget, grant, at: sampleNow + 60_000 }));
});

test("a result raises the session's label and epoch, and every later session's label", async (t) => {
  const { store, session } = await open(t);
  await session("s");
  await session("quiet");
  await store.calls.admit(sampleIntent("c", "s"));
  const result = { label: untrusted, text: '"read"' };
  await store.calls.settle(sampleSettlement("c", "s", { result }));
  t.match(await store.sessions.find("s"), { label: untrusted, epoch: 2 });
  await store.calls.admit(sampleIntent("d", "s", { epoch: 2 }));
  await store.calls.settle(sampleSettlement("d", "s", { result }));
  t.match(await store.sessions.find("s"), { epoch: 2 }, "the same label moves nothing");
  t.match((await session("next")).label, untrusted, "though `quiet` was opened in between");
  t.match(await store.sessions.find("next"), { label: untrusted });
  t.match((await session("child", { parent: "s" })).label, untrusted);
  const foreign = session("foreign", { parent: "s", principal: "somebody" });
  await t.rejects(foreign, { code: "SESSION_UNKNOWN" });
  t.match((await session("stranger", { principal: "somebody" })).label, { integrity: "trusted" });
});

test("a session's log holds what was said and read, in order, from where one asks", async (t) => {
  const { store, clock, session } = await open(t);
  await session("s");
  await store.sessions.addTurn("s", "Now the other one.", "h");
  await store.calls.admit(sampleIntent("c", "s", { epoch: 2 }));
  await store.calls.settle(sampleSettlement("c", "s"));
  const log = await store.sessions.log("s", 0);
  t.match(log, [
    { sequence: 1, kind: "task", text: "Read the page and sum it up." },
    { sequence: 2, kind: "turn", text: "Now the other one." },
    { sequence: 3, kind: "result", text: '"a heron"', call: "c", tool: "text.search" },
  ]);
  t.strictSame(await store.sessions.log("s", 2), log.slice(2));
  await t.rejects(store.sessions.addTurn("none", "x", "h"), { code: "SESSION_UNKNOWN" });
  clock.now = sampleNow + 3_600_000;
  await t.rejects(store.sessions.addTurn("s", "x", "h"), { code: "SESSION_ENDED" });
});

test("a session takes so many turns and no more", async (t) => {
  const { store, session } = await open(t);
  await session("s");
  const turns = Array.from({ length: limits.turnsPerSession }, (_, n) => `turn ${n}`);
  await Promise.all(turns.map((text) => store.sessions.addTurn("s", text, "h")));
  await t.rejects(store.sessions.addTurn("s", "more", "h"), { code: "BUDGET_EXHAUSTED" });
});

test("keys are found by hash, listed without tokens, and revoked once and for all", async (t) => {
  const { store, session } = await open(t);
  const key = sampleKey("k", { kind: "host", expiresAt: sampleNow + 1 });
  await store.keys.add(key, "local:root");
  await session("s");
  t.strictSame(await store.keys.find(key.hash), key);
  t.match(await store.keys.find(digestJson("credential", "token-s")), { session: "s" });
  t.strictSame(await store.keys.list(), [key]);
  t.equal(await store.keys.revoke("none", "local:root"), false);
  t.equal(await store.keys.revoke("k", "local:root"), true);
  t.equal(await store.keys.revoke("k", "local:root"), true);
  t.strictSame(await store.keys.find(key.hash), { ...key, revokedAt: sampleNow });
});

test("a list of calls or records ends at its limit", async (t) => {
  const { store, folder, session } = await open(t);
  await session("s");
  const { result: _, ...ended } = sampleSettlement("c", "s", { admitted: false });
  const settle = (n: number) => store.calls.settle({ ...ended, call: `c${n}` });
  await Promise.all(Array.from({ length: limits.listRows }, (_, n) => settle(n)));
  t.equal((await store.calls.list({})).length, limits.listRows);
  await settle(limits.listRows);
  const listed = await store.calls.list({});
  t.equal(listed.length, limits.listRows);
  t.equal(listed[0]?.id, `c${limits.listRows}`, "the newest are listed");
  t.equal((await listRecords(folder, { limit: limits.listRows + 1 })).length, limits.listRows);
});

test("calls are listed newest first, by what is asked for", async (t) => {
  const { store, session } = await open(t);
  await session("s");
  await store.calls.admit(sampleIntent("c1", "s"));
  const refused = { status: "refused", code: "POLICY_DENIED", id: "c2", tool: "x", ms: 1 } as const;
  const { result: _, ...ended } = sampleSettlement("c2", "s", { admitted: false, answer: refused });
  await store.calls.settle({ ...ended, tool: "x" });
  const ids = async (filter: object): Promise<string[]> =>
    (await store.calls.list(filter)).map(({ id }) => id);
  t.strictSame(await ids({}), ["c2", "c1"]);
  t.strictSame(await ids({ status: "running" }), ["c1"]);
  t.strictSame(await ids({ session: "s", tool: "x", principal: "agent-one" }), ["c2"]);
  t.strictSame(await ids({ session: "none" }), []);
  t.match(await store.calls.find("c2"), { status: "refused", answer: refused });
  t.equal((await store.calls.find("c1"))?.answer, undefined);
});
