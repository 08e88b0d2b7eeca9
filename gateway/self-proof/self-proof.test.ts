import { setTimeout as sleep } from "node:timers/promises";
import { type Test, test } from "tap";
import type { JsonObject } from "../../manifests/json.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Readiness, Sandbox } from "../../sandbox/sandbox.ts";
import { type Proof, SelfProof } from "./self-proof.ts";

interface Setup {
  readonly proof: SelfProof;
  readonly events: JsonObject[];
  probes: number;
  measured: () => Promise<Readiness>;
  write: () => Promise<void>;
}

const standing: Readiness = {
  ...{ tier: "isolate", offered: true, launcher: "bubblewrap", launchers: [], isWalled: true },
  walls: [{ name: "no network", floor: true, holds: true, measured: "ENETUNREACH" }],
};

function setup(t: Test): Setup {
  const probe = (): Promise<Readiness> => {
    state.probes += 1;
    return state.measured();
  };
  const append = async (event: JsonObject): Promise<void> => {
    await state.write();
    state.events.push(event);
  };
  const proof = new SelfProof({
    mode: "production",
    sandboxes: new Map([["isolate", { tier: "isolate", probe } as unknown as Sandbox]]),
    record: { append },
    clock: { now: () => 7, monotonic: () => 1 },
  });
  t.teardown(() => proof.close());
  const state: Setup = {
    ...{ proof, events: [], probes: 0 },
    measured: () => Promise.resolve(standing),
    write: () => Promise.resolve(),
  };
  return state;
}

test("nothing is measured before somebody asks, and then once, however many ask", async (t) => {
  const state = setup(t);
  t.equal(state.probes, 0);
  const asking = Array.from({ length: 100 }, () => state.proof.require("isolate"));
  await Promise.all([...asking, state.proof.proofs(), state.proof.prove()]);
  t.equal(state.probes, 1);
  t.match(state.events, [{ kind: "tier.proved", tier: "isolate", walls: standing.walls }]);
});

const failures: readonly (readonly [string, (state: Setup) => void])[] = [
  ["a wall is missing", (state) => fail(state, () => Promise.resolve(broken))],
  ["the probes err", (state) => fail(state, () => Promise.reject(new Error("no memory")))],
  [
    "it cannot be written",
    (state) => {
      state.write = () => Promise.reject(new Refusal("RECORD_UNWRITABLE"));
    },
  ],
];

const broken: Readiness = { ...standing, offered: false };

function fail(state: Setup, measured: Setup["measured"]): void {
  state.measured = measured;
}

for (const [what, spoil] of failures) {
  test(`where ${what}, the tier is not offered until a proof holds`, async (t) => {
    const state = setup(t);
    await state.proof.require("isolate");
    spoil(state);
    const [proof] = await state.proof.prove();
    t.equal(proof?.offered, false);
    await t.rejects(state.proof.require("isolate"), { code: "SANDBOX_UNAVAILABLE" });
    state.measured = () => Promise.resolve(standing);
    state.write = () => Promise.resolve();
    await t.rejects(state.proof.require("isolate"), { code: "SANDBOX_UNAVAILABLE" });
    await state.proof.prove();
    await state.proof.require("isolate");
  });
}

test("a proof that failed names its holes in the record", async (t) => {
  const state = setup(t);
  state.measured = () => Promise.reject(new Error("x".repeat(1_000)));
  await state.proof.prove();
  const [event] = state.events as [{ kind: string; walls: { measured: string }[] }];
  t.equal(event.kind, "tier.failed");
  t.equal(event.walls[0]?.measured.length, 200, "and no more of what was measured than fits");
});

test("it goes on proving, one after the other, sooner after a failure, and ends", async (t) => {
  const state = setup(t);
  const told: Proof[] = [];
  let under = 0;
  state.measured = async () => {
    under += 1;
    t.equal(under, 1, "proofs do not overlap");
    await sleep(2);
    under -= 1;
    return told.length < 3 ? broken : standing;
  };
  const seen = Promise.withResolvers<void>();
  // Its own timer keeps no process alive.
  const alive = setInterval(() => {}, 1_000);
  t.teardown(() => clearInterval(alive));
  await state.proof.keepProving({ everyMs: 1_000_000, retryMs: 1 }, (proof) => {
    told.push(proof);
    if (proof.offered) seen.resolve();
  });
  await seen.promise;
  t.strictSame(
    told.map(({ offered }) => offered),
    [false, false, false, true],
  );
  await state.proof.close();
  t.strictSame(await state.proof.prove(), [], "nothing is measured after the end");
  await t.rejects(state.proof.require("isolate"), { code: "SANDBOX_UNAVAILABLE" });
});

test("a tier without walls is part of what the gateway stands on", async (t) => {
  const state = setup(t);
  t.strictSame(state.proof.standing, { mode: "production" });
  state.measured = () => Promise.resolve({ ...standing, isWalled: false });
  await state.proof.prove();
  t.strictSame(state.proof.standing, { mode: "production", unwalled: ["isolate"] });
});
