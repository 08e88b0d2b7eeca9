import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Deps } from "../deps.ts";
import { createReadiness } from "./readiness.ts";

interface Setup {
  readonly ready: () => Promise<void>;
  readonly looked: { record: number; tiers: number };
  now: number;
  offered: boolean;
  writable: boolean;
}

function setup(): Setup {
  const looked = { record: 0, tiers: 0 };
  const checkpoint = (): Promise<void> => {
    looked.record += 1;
    return state.writable ? Promise.resolve() : Promise.reject(new Refusal("RECORD_UNWRITABLE"));
  };
  const probe = (): Promise<object> => {
    looked.tiers += 1;
    return Promise.resolve({ tier: "isolate", offered: state.offered, walls: [] });
  };
  const deps = {
    clock: { now: () => 0, monotonic: () => state.now },
    store: { record: { checkpoint } },
    sandboxes: new Map([["isolate", { probe }]]),
  } as unknown as Deps;
  const ready = createReadiness(deps);
  const state: Setup = { ready, looked, now: 0, offered: true, writable: true };
  return state;
}

test("however many ask, record and tiers are looked at once in a while", async (t) => {
  const state = setup();
  await Promise.all(Array.from({ length: 1_000 }, state.ready));
  t.same(state.looked, { record: 1, tiers: 1 });
  state.now = limits.readyMs;
  await state.ready();
  t.same(state.looked, { record: 2, tiers: 1 });
  state.now = limits.tierProbeMs;
  await state.ready();
  t.same(state.looked, { record: 3, tiers: 2 });
});

test("a record that cannot be written or a tier that is not offered is not ready", async (t) => {
  const state = setup();
  state.writable = false;
  await t.rejects(state.ready(), { code: "RECORD_UNWRITABLE" });
  state.writable = true;
  state.offered = false;
  state.now = limits.readyMs;
  await t.rejects(state.ready(), { code: "SANDBOX_UNAVAILABLE" });
  state.offered = true;
  state.now += limits.tierProbeMs;
  await state.ready();
});
