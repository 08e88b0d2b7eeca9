import { setTimeout as sleep } from "node:timers/promises";
import { type Test, test } from "tap";
import { digestJson } from "../../manifests/digest.ts";
import type { JsonObject } from "../../manifests/json.ts";
import { limits } from "../../manifests/limits.ts";
import { Refusal } from "../../manifests/refusals.ts";
import type { Tier } from "../../manifests/tier.ts";
import type { Readiness, Sandbox } from "../../sandbox/sandbox.ts";
import { SelfProof } from "./self-proof.ts";
import type { Proof } from "./tier-proof.ts";

interface Setup {
  readonly proof: SelfProof;
  readonly events: JsonObject[];
  probes: number;
  now: number;
  measured: () => Promise<Readiness>;
  gvisor: () => Promise<Readiness>;
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
  const sandboxes = [fake("isolate", probe), fake("gvisor", () => state.gvisor())];
  const proof = new SelfProof({
    mode: "production",
    sandboxes: new Map(sandboxes.map((sandbox) => [sandbox.tier, sandbox])),
    atNeed: new Set(["gvisor"]),
    record: { append },
    clock: { now: () => 7, monotonic: () => state.now },
  });
  t.teardown(() => proof.close());
  const state: Setup = {
    ...{ proof, events: [], probes: 0, now: 1 },
    gvisor: () => Promise.resolve({ ...standing, tier: "gvisor" }),
    measured: () => Promise.resolve(standing),
    write: () => Promise.resolve(),
  };
  return state;
}

function fake(tier: Tier, probe: Sandbox["probe"]): Sandbox {
  return { tier, probe } as unknown as Sandbox;
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

test("a tier at need is measured when a call needs it, promised to nobody, and then kept proved", async (t) => {
  const state = setup(t);
  t.strictSame(tiersOf(await state.proof.proofs()), ["isolate"]);
  t.strictSame(tiersOf(state.proof.measured), ["isolate"]);
  t.match(await state.proof.require("gvisor"), { tier: "gvisor", offered: true });
  t.strictSame(tiersOf(await state.proof.proofs()), ["isolate"]);
  t.strictSame(tiersOf(await state.proof.prove()), ["isolate", "gvisor"]);
  await t.rejects(state.proof.require("microvm"), { code: "SANDBOX_UNAVAILABLE" });
});

test("a tier at need that failed is measured again for a later call, and not for each", async (t) => {
  const state = setup(t);
  let probes = 0;
  state.gvisor = () => {
    probes += 1;
    return Promise.reject(new Refusal("ENGINE_UNAVAILABLE"));
  };
  const told: Tier[] = [];
  await state.proof.keepProving({ everyMs: 1_000_000, retryMs: 1 }, ({ tier }) => told.push(tier));
  for (let call = 0; call < 3; call += 1) {
    await t.rejects(state.proof.require("gvisor"), { code: "ENGINE_UNAVAILABLE" });
  }
  await sleep(5);
  t.equal(probes, 1, "nor by itself");
  state.now += limits.selfProofRetryMs;
  state.gvisor = () => Promise.resolve({ ...standing, tier: "gvisor" });
  await state.proof.require("gvisor");
  t.strictSame(told, ["isolate", "gvisor", "gvisor"]);
});

test("a proof is known by its digest, which is of what the record says of it", async (t) => {
  const state = setup(t);
  const { digest } = await state.proof.require("isolate");
  const [{ kind, mode, ms, digest: recorded, ...content } = {}] = state.events;
  t.equal(digestJson("tier-proof", content), digest);
  t.equal(recorded, digest);
  state.measured = () => Promise.resolve(broken);
  await state.proof.prove();
  t.equal(state.events.length, 2);
  t.match([kind, mode, ms], ["tier.proved", "production", 0]);
});

function tiersOf(proofs: readonly Proof[]): readonly Tier[] {
  return proofs.map(({ tier }) => tier);
}

test("a tier that nobody offers is said to be none of this deployment", async (t) => {
  const { proof } = setup(t);
  const detail = /^no call can run in the tier `microvm` here: this deployment does not offer it$/;
  await t.rejects(proof.require("microvm"), { code: "SANDBOX_UNAVAILABLE", message: detail });
});
