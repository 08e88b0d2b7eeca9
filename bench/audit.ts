import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyRecord } from "../gateway/audit/verify.ts";
import { createIds } from "../gateway/ids.ts";
import { openStore } from "../gateway/store/open-store.ts";
import type { Store } from "../gateway/store/store.ts";
import {
  sampleIntent,
  sampleKey,
  sampleNow,
  sampleSession,
  sampleSettlement,
} from "../gateway/store/testing.ts";
import { quantile } from "./quantile.ts";

export interface AuditFigures {
  /** Records that were durable when their promise resolved, 64 writers at once. */
  readonly auditPerSecond: number;
  /** Of one such operation. */
  readonly auditP99Ms: number;
  readonly verifyPerSecond: number;
}

const writers = 64;
const callsEach = 200;
const measureSeconds = 5;
const newId = createIds(Date.now);

/** Records through the real store, and the whole verification of what it wrote. */
export async function benchAudit(): Promise<AuditFigures> {
  const folder = await mkdtemp(join(tmpdir(), "ringward-audit-"));
  try {
    const written = await measureWrites(folder);
    const start = performance.now();
    const { records, verified } = await verifyRecord(folder);
    if (!verified) throw new Error("the record that was just written does not verify");
    const verifyPerSecond = (records / (performance.now() - start)) * 1_000;
    return { ...written, verifyPerSecond: Math.round(verifyPerSecond) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measureWrites(folder: string): Promise<Omit<AuditFigures, "verifyPerSecond">> {
  const store = await openStore({ folder, writer: "gateway", now: () => sampleNow });
  const times: number[] = [];
  await writeTogether(store, [], performance.now() + 500);
  const start = performance.now();
  await writeTogether(store, times, start + measureSeconds * 1_000);
  const seconds = (performance.now() - start) / 1_000;
  await store.close();
  return {
    auditPerSecond: Math.round(times.length / seconds),
    auditP99Ms: quantile(times, 0.99),
  };
}

async function writeTogether(store: Store, times: number[], until: number): Promise<void> {
  const all = Array.from({ length: writers }, async () => {
    while (performance.now() < until) await writeSession(store, times, until);
  });
  await Promise.all(all);
}

/** One agent's session: each admit and each settle is one record. */
async function writeSession(store: Store, times: number[], until: number): Promise<void> {
  const session = newId("session");
  await store.sessions.open(sampleSession(session), sampleKey(newId("key"), { session }), "bench");
  for (let count = 0; count < callsEach && performance.now() < until; count += 1) {
    const call = newId("call");
    await timed(times, () => store.calls.admit(sampleIntent(call, session)));
    await timed(times, () => store.calls.settle(sampleSettlement(call, session)));
  }
}

async function timed(times: number[], action: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await action();
  times.push(performance.now() - start);
}
