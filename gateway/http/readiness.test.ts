import { test } from "tap";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Deps } from "../deps.ts";
import { createReadiness } from "./readiness.ts";

interface Setup {
  readonly ready: () => Promise<JsonObject>;
  readonly looked: { record: number };
  now: number;
  offered: boolean;
  writable: boolean;
}

function setup(): Setup {
  const looked = { record: 0 };
  const checkpoint = (): Promise<void> => {
    looked.record += 1;
    return state.writable ? Promise.resolve() : Promise.reject(new Refusal("RECORD_UNWRITABLE"));
  };
  const deps = {
    clock: { now: () => 0, monotonic: () => state.now },
    store: { record: { checkpoint } },
    selfProof: {
      proofs: () => Promise.resolve([{ tier: "isolate", offered: state.offered }]),
      standing: { mode: "production" },
    },
  } as unknown as Deps;
  const ready = createReadiness(deps);
  const state: Setup = { ready, looked, now: 0, offered: true, writable: true };
  return state;
}

test("however many ask, the record is looked at once in a while", async (t) => {
  const state = setup();
  await Promise.all(Array.from({ length: 1_000 }, state.ready));
  t.same(state.looked, { record: 1 });
  state.now = limits.readyMs;
  t.same(await state.ready(), { mode: "production" });
  t.same(state.looked, { record: 2 });
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
  await state.ready();
});
