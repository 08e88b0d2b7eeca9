import { test } from "tap";
import { listRecords, showCall } from "../gateway/audit/read.ts";
import { verifyRecord } from "../gateway/audit/verify.ts";
import { openStore } from "../gateway/store/open-store.ts";
import {
  sampleApproval,
  sampleIntent,
  sampleKey,
  sampleNow,
  samplePending,
  sampleSession,
  sampleSettlement,
} from "../gateway/store/testing.ts";
import { limits } from "../manifests/limits.ts";
import { openTestStore as open } from "./support/open-test-store.ts";

const operator = { actor: "key-operator", principal: "olga" };

test("every change of state leaves a record, and no text of arguments or outputs in it", async (t) => {
  const { store, folder, session } = await open(t);
  await session("s");
  await store.sessions.addTurn("s", "the word heron", "h");
  await store.calls.admit(sampleIntent("c", "s", { epoch: 2 }));
  await store.calls.settle(sampleSettlement("c", "s"));
  await store.calls.settle(samplePending("p", "s", sampleApproval("a", "p", "s")));
  await store.approvals.answer("a", "denied", operator);
  await store.freezes.freeze({ kind: "tool", id: "x" }, "why", "olga");
  await store.freezes.thaw({ kind: "tool", id: "x" }, "olga");
  await store.keys.revoke("token-s", "olga");
  await store.record.append({ kind: "door", refusals: 3 });
  await store.record.checkpoint();
  const records = await listRecords(folder);
  const kinds = records.map(({ kind }) => kind).toReversed();
  t.strictSame(kinds, [
    ...["writer.start", "session.open", "key.add", "session.turn", "intent", "end", "end"],
    ...["approval.answer", "freeze", "thaw", "key.revoke", "event.door", "checkpoint"],
  ]);
  t.notMatch(JSON.stringify(records), /heron|Read the page/);
  const shown = await showCall(folder, "c");
  t.match(
    shown.map(({ payloads }) => payloads),
    [
      [{ name: "arguments", text: /heron/, state: "there" }],
      [
        { name: "answer", text: /heron/ },
        { name: "result", text: '"a heron"' },
      ],
    ],
  );
  t.match(await listRecords(folder, { code: "APPROVAL_REQUIRED" }), [{ call: "p" }]);
  t.equal((await listRecords(folder, { kind: "end", limit: 1 })).length, 1);
  const ofSession = await listRecords(folder, { session: "s" });
  t.strictSame(
    ofSession,
    records.filter(({ session: id }) => id === "s"),
  );
  t.equal(ofSession.length, 7);
});

test("details too large for a record stand beside it in full", async (t) => {
  const { store, folder, session } = await open(t);
  await session("s");
  const requests = Array.from(
    { length: 64 },
    (_, n) => `https://host.example/${n}/${"x".repeat(2_000)}`,
  );
  await store.calls.admit(sampleIntent("c", "s"));
  await store.calls.settle(sampleSettlement("c", "s", { record: { requests } }));
  const end = (await showCall(folder, "c")).at(-1);
  t.equal(end?.record.details, undefined);
  t.ok(Buffer.byteLength(JSON.stringify(end?.record)) < limits.recordBytes);
  const details = end?.payloads.find(({ name }) => name === "details")?.text ?? "";
  t.strictSame(JSON.parse(details), { requests });
  t.match(await verifyRecord(folder), { verified: true });
});

test("an expired payload is erased, and the record still verifies", async (t) => {
  const { store, folder, clock, session } = await open(t, { payloadSeconds: 60 });
  await session("s");
  await store.calls.admit(sampleIntent("c", "s"));
  await store.calls.settle(sampleSettlement("c", "s"));
  clock.now += 60_005;
  t.equal((await store.calls.find("c"))?.answer, undefined, "at once");
  t.strictSame(
    (await store.sessions.log("s", 0)).map(({ text }) => text),
    ["", ""],
  );
  await store.close();
  const later = await openStore({ folder, writer: "gateway", now: () => clock.now + 60_000 });
  t.teardown(() => later.close());
  await later.record.checkpoint();
  const shown = await showCall(folder, "c");
  t.strictSame(
    shown.flatMap(({ payloads }) => payloads.map(({ state }) => state)),
    ["erased", "erased", "erased"],
  );
  t.match(await listRecords(folder, { kind: "payloads.erase" }), [{ content: { count: 4 } }]);
  t.match(await verifyRecord(folder), { verified: true });
});

test("a checkpoint is made where the newest does not cover the last record", async (t) => {
  const { store } = await open(t);
  const first = await store.record.checkpoint();
  t.strictSame(await store.record.checkpoint(), first);
  await store.record.append({ kind: "door" });
  const second = await store.record.checkpoint();
  t.equal(second.publicKey, first.nextPublicKey, "each is signed by the key that the last named");
  t.equal(second.sequence, first.sequence + 2);
});

test("after so many records a checkpoint comes by itself", async (t) => {
  const { store, folder } = await open(t);
  const events = Array.from({ length: limits.checkpointRecords }, (_, n) => ({ kind: "door", n }));
  await Promise.all(events.map((event) => store.record.append(event)));
  t.equal((await listRecords(folder, { kind: "checkpoint" })).length, 1);
  t.match(await verifyRecord(folder), { verified: true });
});

test("a queue that is full turns away, but never the end of a call", async (t) => {
  const { store, session } = await open(t);
  await session("s");
  await store.calls.admit(sampleIntent("c", "s"));
  const events = Array.from({ length: limits.commitQueue + 1 }, () => store.record.append({}));
  const end = store.calls.settle(sampleSettlement("c", "s"));
  const ended = await Promise.allSettled(events);
  t.equal(ended.filter(({ status }) => status === "fulfilled").length, limits.commitQueue);
  t.match(ended.at(-1), { reason: { code: "OVERLOADED", retryAfterSeconds: 1 } });
  await end;
});

test("without room for outcomes nothing is admitted, but what runs may end", async (t) => {
  const folder = t.testdir();
  const options = { folder, writer: "gateway", now: () => sampleNow } as const;
  const before = await openStore(options);
  await before.sessions.open(sampleSession("s"), sampleKey("token"), "h");
  await before.close();
  const full = await openStore({ ...options, reserveBytes: Number.MAX_SAFE_INTEGER });
  await t.rejects(full.calls.admit(sampleIntent("c", "s")), { code: "RECORD_FULL" });
  await t.rejects(full.record.append({}), { code: "RECORD_FULL" });
  await full.freezes.freeze({ kind: "tool", id: "text.search" }, "stop it", "olga");
  const refused = { status: "refused", code: "RECORD_FULL", id: "c", tool: "x", ms: 1 } as const;
  const { result: _, ...end } = sampleSettlement("c", "s", { admitted: false, answer: refused });
  await full.calls.settle(end);
  await full.close();
  t.match(await verifyRecord(folder), { verified: true });
});
