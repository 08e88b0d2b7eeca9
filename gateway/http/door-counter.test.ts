import { test } from "tap";
import type { JsonObject } from "../../manifests/json.ts";
import { DoorCounter } from "./door-counter.ts";

interface Setup {
  readonly counter: DoorCounter;
  readonly events: JsonObject[];
  readonly failures: unknown[];
  isBroken: boolean;
}

function setup(pairs: number): Setup {
  const events: JsonObject[] = [];
  const failures: unknown[] = [];
  const append = (event: JsonObject): Promise<void> => {
    if (state.isBroken) return Promise.reject(new Error("disk"));
    events.push(event);
    return Promise.resolve();
  };
  const counter = new DoorCounter({
    record: { append },
    clock: { now: () => 7, monotonic: () => 0 },
    pairs,
    flushMs: 3_600_000,
    onFailure: (error) => failures.push(error),
  });
  const state: Setup = { counter, events, failures, isBroken: false };
  return state;
}

test("refusals of one code and address are one number in one event", async (t) => {
  const { counter, events } = setup(10);
  for (let times = 0; times < 1_000; times += 1) counter.count("UNAUTHENTICATED", "192.0.2.1");
  counter.count("RATE_LIMITED", "192.0.2.1");
  await counter.close();
  t.strictSame(events, [
    {
      kind: "door",
      since: 7,
      until: 7,
      refusals: [
        { code: "UNAUTHENTICATED", address: "192.0.2.1", count: 1_000 },
        { code: "RATE_LIMITED", address: "192.0.2.1", count: 1 },
      ],
    },
  ]);
});

test("where nothing was refused, nothing is written", async (t) => {
  const { counter, events } = setup(10);
  await counter.close();
  t.strictSame(events, []);
});

test("a flood of addresses is counted, and takes no more room", async (t) => {
  const { counter, events } = setup(3);
  for (let host = 0; host < 10_000; host += 1) counter.count("NOT_FOUND", `10.0.0.${host}`);
  await counter.flush();
  const refusals = events[0]?.["refusals"] as { address: string; count: number }[];
  t.equal(refusals.length, 4);
  t.match(refusals.at(-1), { address: "others", count: 9_997 });
  await counter.close();
});

test("what could not be written is kept, in the same room, and written later", async (t) => {
  const state = setup(3);
  const { counter, events, failures } = state;
  state.isBroken = true;
  for (let host = 0; host < 50; host += 1) {
    counter.count("NOT_FOUND", `10.0.0.${host}`);
    await counter.flush();
  }
  t.equal(failures.length, 50);
  state.isBroken = false;
  await counter.close();
  const refusals = events[0]?.["refusals"] as { count: number }[];
  t.equal(refusals.length, 4);
  t.equal(
    refusals.reduce((sum, { count }) => sum + count, 0),
    50,
  );
});
