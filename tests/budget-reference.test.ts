import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "tap";
import type { Intent, Store } from "../gateway/store/store.ts";
import {
  sampleGrant,
  sampleIntent,
  sampleNow,
  sampleSettlement,
} from "../gateway/store/testing.ts";
import { Refusal } from "../manifests/refusals.ts";
import { openTestStore } from "./support/open-test-store.ts";

/** One step of a session's life: a call that asks to run, and what it used if it did. */
interface Step {
  readonly waitMs: number;
  readonly bytes: number;
  readonly usedBytes: number;
  readonly settles: boolean;
}

interface Budget {
  readonly calls: number;
  readonly bytes: number;
  readonly perSession: number;
  readonly perMinute: number;
}

/**
 * What budgets mean, written to be read; only this test runs it. A call may run if it fits into all
 * of them: calls and bytes of the session, calls of the tool, and calls since a minute's window
 * began. A call that has ended counts with what it used, one that runs with what it reserved.
 */
function admitsReference(budget: Budget, steps: readonly Step[]): readonly boolean[] {
  const admitted: { readonly at: number; readonly bytes: number }[] = [];
  let at = 0;
  let window = 0;
  return steps.map(({ waitMs, bytes, usedBytes, settles }) => {
    at += waitMs;
    const first = admitted.find((call) => call.at >= window);
    if (first !== undefined && at - first.at >= 60_000) window = at;
    const spent = admitted.reduce((sum, call) => sum + call.bytes, 0);
    const recent = admitted.filter((call) => call.at >= window).length;
    const fits =
      admitted.length < Math.min(budget.calls, budget.perSession) &&
      spent + bytes <= budget.bytes &&
      recent < budget.perMinute;
    if (fits) admitted.push({ at, bytes: settles ? usedBytes : bytes });
    return fits;
  });
}

const budgets = fc.record({
  calls: fc.integer({ min: 1, max: 8 }),
  bytes: fc.integer({ min: 1, max: 6_000 }),
  perSession: fc.integer({ min: 1, max: 8 }),
  perMinute: fc.integer({ min: 1, max: 3 }),
});

const steps = fc.array(
  fc.record({
    waitMs: fc.constantFrom(1, 30_000, 59_999, 60_000),
    bytes: fc.integer({ min: 0, max: 1_000 }),
    usedBytes: fc.integer({ min: 0, max: 1_000 }),
    settles: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

const seed = 20_261;

test(`the store admits what the readable meaning of budgets admits (seed ${seed})`, async (t) => {
  const { store, session } = await openTestStore(t);
  const seen: boolean[] = [];
  await fc.assert(
    fc.asyncProperty(budgets, steps, async (budget, life) => {
      const id = `session-${seen.length}`;
      const { calls, bytes } = budget;
      await session(id, { budget: { calls, bytes, seconds: 3_600 }, expiresAt: sampleNow * 2 });
      const admitted = await live(store, { id, budget, life });
      assert.deepEqual(admitted, admitsReference(budget, life));
      seen.push(...admitted);
    }),
    { seed, numRuns: 120 },
  );
  t.ok(seen.filter((admitted) => admitted).length > 50, "some are admitted");
  t.ok(seen.filter((admitted) => !admitted).length > 50, "some are refused");
});

interface Life {
  readonly id: string;
  readonly budget: Budget;
  readonly life: readonly Step[];
}

/** Which steps the running store admits. */
async function live(store: Store, { id, budget, life }: Life): Promise<readonly boolean[]> {
  const { perSession, perMinute } = budget;
  const admitted: boolean[] = [];
  let at = sampleNow;
  for (const { waitMs, bytes, usedBytes, settles } of life) {
    at += waitMs;
    const call = `${id}-${admitted.length}`;
    const grant = { ...sampleGrant(call, id), expiresAt: at + 7_000 };
    const asks = { bytes, seconds: 1, perSession, perMinute };
    const fits = await admits(store, sampleIntent(call, id, { at, grant, budget: asks }));
    const used = { bytes: usedBytes, seconds: 0 };
    if (fits && settles) await store.calls.settle(sampleSettlement(call, id, { at, used }));
    admitted.push(fits);
  }
  return admitted;
}

async function admits(store: Store, intent: Intent): Promise<boolean> {
  try {
    await store.calls.admit(intent);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === "BUDGET_EXHAUSTED") return false;
    throw error;
  }
}
