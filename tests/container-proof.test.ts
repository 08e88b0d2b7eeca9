import { test } from "tap";
import { Refusal } from "../manifests/refusals.ts";
import type { EngineFacts, Launcher } from "../sandbox/container/link/launcher.ts";
import { proveTier } from "../sandbox/container/proof/prove-tier.ts";
import type { Readiness } from "../sandbox/sandbox.ts";
import { prove } from "./container-proof-fixtures.ts";
import { engineFor, gvisorFor } from "./support/engine.ts";
import { newSlot } from "./support/test-launcher.ts";

test("the container tier is offered: each wall of its floor was met", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const readiness = await prove(t, engine, { tier: "container" });
  t.strictSame(missedOf(readiness), []);
  t.match(readiness, { tier: "container", offered: true, isWalled: true, launcher: /^runc \d/ });
});

test("so is gVisor's", async (t) => {
  const engine = await gvisorFor(t);
  if (!engine) return;
  const readiness = await prove(t, engine, { tier: "gvisor" });
  t.strictSame(missedOf(readiness), []);
  t.match(readiness, { tier: "gvisor", offered: true, launcher: "runsc" });
});

function missedOf({ walls }: Readiness): readonly string[] {
  return walls.filter(({ floor, holds }) => floor && !holds).map(({ name }) => name);
}

const facts: EngineFacts = {
  ...{ engine: "29.1.0", kernel: "6.1", cgroup: "2", images: [] },
  runtimes: [{ tier: "container", name: "runc", version: "1.4.0" }],
};

function launcherThat(change: Partial<Launcher>): Pick<Launcher, "facts" | "launch"> {
  const launch = (): Promise<never> => Promise.reject(new Refusal("IMAGE_UNAVAILABLE"));
  return { facts: () => Promise.resolve(facts), launch, ...change };
}

const now = (): number => performance.now();

test("where no probe can be started, that is the wall that is missing", async (t) => {
  const deps = { tier: "container", launcher: launcherThat({}), newSlot, now } as const;
  t.match(await proveTier(deps), {
    offered: false,
    walls: [{ name: "a probe can be started", holds: false, measured: /image/ }],
  });
  t.match(await proveTier({ ...deps, tier: "gvisor" }), {
    offered: false,
    walls: [{ measured: "the engine has no runtime for this tier" }],
  });
});

test("what is no refusal of the launcher's is a bug, and is thrown", async (t) => {
  const launcher = launcherThat({ facts: () => Promise.reject(new Error("bug")) });
  await t.rejects(proveTier({ tier: "container", launcher, newSlot, now }), /bug/);
});
