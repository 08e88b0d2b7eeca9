import { test } from "tap";
import {
  sampleApproval,
  sampleGrant,
  sampleIntent,
  samplePending,
  sampleSettlement,
} from "../gateway/store/testing.ts";
import { digestJson } from "../manifests/digest.ts";
import { openTestStore as open, race } from "./support/open-test-store.ts";

const operator = { actor: "key-operator", principal: "olga" };

test("64 tries at once use a grant once", async (t) => {
  const { store, session } = await open(t);
  await session("s");
  const { done, codes } = await race(64, (index) => {
    const grant = { ...sampleGrant(`c${index}`, "s"), id: "the-grant" };
    return store.calls.admit(sampleIntent(`c${index}`, "s", { grant }));
  });
  t.equal(done, 1);
  t.strictSame([...codes], ["GRANT_EXPIRED"]);
});

test("64 tries at once use an approval once", async (t) => {
  const { store, session } = await open(t);
  await session("s");
  const approval = sampleApproval("a", "asked", "s");
  await store.calls.settle(samplePending("asked", "s", approval));
  await store.approvals.answer("a", "approved", operator);
  const { done, codes } = await race(64, (index) =>
    store.calls.admit(
      sampleIntent(`c${index}`, "s", { approval: { id: "a", facts: approval.facts } }),
    ),
  );
  t.equal(done, 1);
  t.strictSame([...codes], ["APPROVAL_MISMATCH"]);
  t.match(await store.approvals.find("a"), { status: "used", answeredBy: "key-operator" });
});

test("64 tries at once use the last call of a session's and of a tool's budget once", async (t) => {
  const { store, session } = await open(t);
  await session("one", { budget: { calls: 1, bytes: 1e9, seconds: 1e9 } });
  const bySession = await race(64, (i) => store.calls.admit(sampleIntent(`a${i}`, "one")));
  await session("two");
  const budget = { perSession: 1, bytes: 1, seconds: 1 };
  const byTool = await race(64, (i) => store.calls.admit(sampleIntent(`b${i}`, "two", { budget })));
  for (const { done, codes } of [bySession, byTool]) {
    t.equal(done, 1);
    t.strictSame([...codes], ["BUDGET_EXHAUSTED"]);
  }
});

test("64 tries at once use an idempotency key once", async (t) => {
  const { store, session } = await open(t);
  await session("s");
  const body = digestJson("request", "body");
  const { done, codes } = await race(64, (index) =>
    store.calls.admit(sampleIntent(`c${index}`, "s", { idempotency: { key: "k", body } })),
  );
  t.equal(done, 1);
  t.strictSame([...codes], ["IDEMPOTENCY_IN_PROGRESS"]);
  const other = { key: "k", body: digestJson("request", "other") };
  const again = store.calls.admit(sampleIntent("again", "s", { idempotency: other }));
  await t.rejects(again, { code: "IDEMPOTENCY_MISMATCH" });
});

test("a key whose call ended a moment ago is answered by looking once more", async (t) => {
  const { store, session } = await open(t);
  await session("s");
  const idempotency = { key: "k", body: digestJson("request", "body") };
  await store.calls.admit(sampleIntent("first", "s", { idempotency }));
  await store.calls.settle(sampleSettlement("first", "s"));
  const second = store.calls.admit(sampleIntent("second", "s", { idempotency }));
  await t.rejects(second, { code: "IDEMPOTENCY_IN_PROGRESS" });
  t.match(await store.calls.findIdempotent("s", "k"), {
    body: idempotency.body,
    call: { id: "first", status: "completed", answer: { output: "a heron" } },
  });
});

test("a call settles once", async (t) => {
  const { store, session } = await open(t);
  await session("s");
  await store.calls.admit(sampleIntent("c", "s"));
  const { done, codes } = await race(8, () => store.calls.settle(sampleSettlement("c", "s")));
  t.equal(done, 1);
  t.strictSame([...codes], ["INTERNAL"]);
  const never = store.calls.settle(sampleSettlement("never", "s"));
  await t.rejects(never, { code: "INTERNAL" });
});
