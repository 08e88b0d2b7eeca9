import { join } from "node:path";
import Database from "better-sqlite3";
import { test } from "tap";
import { verifyRecord } from "../gateway/audit/verify.ts";
import type { Settlement } from "../gateway/store/store.ts";
import { sampleIntent, sampleNow, sampleSettlement } from "../gateway/store/testing.ts";
import { actionLimits } from "../manifests/action-limits.ts";
import { cleanLabel } from "../manifests/label.ts";
import { openTestStore } from "./support/open-test-store.ts";

const operator = { actor: "key-operator", principal: "olga" };
const about = { id: "c", tool: "text.search", ms: 5 };
const released = { ...about, status: "completed", output: "a heron" } as const;
const denied = { ...about, status: "refused", code: "APPROVAL_DENIED" } as const;

function withholding(output = '"a heron"'): Settlement {
  const withheld = {
    ...{ id: "reference_1", label: cleanLabel, output, isSource: true },
    ...{ because: ["injection"], expiresAt: sampleNow + 1_000, released, denied },
  };
  return sampleSettlement("c", "s", { withheld, result: { label: cleanLabel, text: "null" } });
}

test("what is withheld is kept until it is released, once; its call then has ended with it", async (t) => {
  const { store, folder, session } = await openTestStore(t);
  await session("s");
  await store.calls.admit(sampleIntent("c", "s"));
  await store.calls.settle(withholding());
  const row = { id: "reference_1", status: "held", because: ["injection"], bytes: 9 };
  t.match(await store.withheld.list(), [row]);
  t.match(await store.withheld.find("reference_1"), { ...row, output: '"a heron"' });
  await store.withheld.release("reference_1", operator);
  t.match(await store.calls.find("c"), { status: "completed", answer: released });
  const log = await store.sessions.log("s", 0);
  t.match(log.at(-1), { kind: "result", call: "c", text: '"a heron"' });
  await store.record.checkpoint();
  t.match(await verifyRecord(folder), { verified: true });
});

test("attack: past its time a reference is neither followed nor released", async (t) => {
  const { store, clock, session } = await openTestStore(t);
  await session("s");
  await store.calls.admit(sampleIntent("c", "s"));
  await store.calls.settle(withholding());
  clock.now += 1_000;
  t.match(await store.withheld.find("reference_1"), { status: "expired" });
  await t.rejects(store.withheld.release("reference_1", operator), { code: "APPROVAL_MISMATCH" });
});

test("a session keeps so many bytes withheld; what does not fit leaves the call as it was", async (t) => {
  const { store, session } = await openTestStore(t);
  await session("s");
  await store.calls.admit(sampleIntent("c", "s"));
  const large = withholding(`"${"x".repeat(actionLimits.withheldBytesPerSession)}"`);
  await t.rejects(store.calls.settle(large), { code: "QUARANTINE_FULL" });
  t.match(await store.calls.find("c"), { status: "running" });
  t.strictSame(await store.withheld.list(), []);
});

test("a session keeps so many outputs withheld", async (t) => {
  const { store, session } = await openTestStore(t);
  await session("s");
  const settle = async (count: number): Promise<void> => {
    await store.calls.admit(sampleIntent(`c${count}`, "s"));
    const { withheld } = withholding();
    const settlement = sampleSettlement(`c${count}`, "s");
    if (withheld === undefined) throw new Error("nothing is withheld");
    const other = { ...withheld, id: `reference_${count}` };
    await store.calls.settle({ ...settlement, withheld: other });
  };
  for (let count = 0; count < actionLimits.withheldPerSession; count += 1) await settle(count);
  await t.rejects(settle(actionLimits.withheldPerSession), { code: "QUARANTINE_FULL" });
});

test("attack: a call that is said to have ended otherwise than its record does not verify", async (t) => {
  const { store, folder, session } = await openTestStore(t);
  await session("s");
  await store.calls.admit(sampleIntent("c", "s"));
  await store.calls.settle(withholding());
  await store.record.checkpoint();
  const db = new Database(join(folder, "store.sqlite"));
  db.exec("UPDATE calls SET status = 'refused'");
  db.close();
  t.match(await verifyRecord(folder), { verified: false });
});
