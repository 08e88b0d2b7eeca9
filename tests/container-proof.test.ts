import { test } from "tap";
import { containerLimits } from "../manifests/container-limits.ts";
import { Refusal } from "../manifests/refusals.ts";
import type { Ended, EngineFacts, Launched, Launcher } from "../sandbox/container/link/launcher.ts";
import { probes } from "../sandbox/container/proof/probe-launchables.ts";
import { proveTier } from "../sandbox/container/proof/prove-tier.ts";
import { runProbe } from "../sandbox/container/proof/run-probe.ts";
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

/** One of which a test says what it says, and whether it ever ends by itself. */
function launchedThat(says: string, ended?: Ended): Launched & { readonly isKilled: boolean } {
  const end = Promise.withResolvers<Ended>();
  return {
    ...{ container: "c", image: "i", isKilled: false, write: () => undefined },
    onOutput: (listener) => listener("stdout", Buffer.from(says)),
    endInput: () => ended && end.resolve(ended),
    ended: end.promise,
    kill() {
      Object.assign(this, { isKilled: true });
      end.resolve({ isOutOfMemory: false, exitCode: 137 });
      return Promise.resolve();
    },
  };
}

test("a probe that does not start in time is started again, and after some times is missing", async (t) => {
  t.intercept(containerLimits, "containerStartMs", { value: 5 as never });
  const slots = new Set<string>();
  let late = 2;
  const launch: Launcher["launch"] = async ({ slot }, signal) => {
    slots.add(slot);
    if (late === 0) return launchedThat("", { isOutOfMemory: true });
    late -= 1;
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throw new Refusal("CANCELLED");
  };
  const deps = { tier: "container", launcher: launcherThat({ launch }), newSlot, now } as const;
  const alive = setInterval(() => undefined, 1_000);
  t.teardown(() => clearInterval(alive));
  t.match(await runProbe("memory", deps), { ended: { isOutOfMemory: true } });
  t.equal(slots.size, 3, "each in a slot of its own");
  late = Number.POSITIVE_INFINITY;
  await t.rejects(runProbe("memory", deps), { message: "no probe starts in time" });
  t.equal(slots.size, 3 + containerLimits.probeStarts);
});

test("processor time is measured by its own clock: who has used enough and lives is not ended", async (t) => {
  const zero = "0m0.00s 0m0.00s\n";
  const after = (...times: readonly string[]): string =>
    times.map((time) => `${time} 0m0.01s\n${zero}`).join("");
  const run = (launched: Launched): ReturnType<typeof runProbe> => {
    const launcher = launcherThat({ launch: () => Promise.resolve(launched) });
    return runProbe("processor", { tier: "container", launcher, newSlot, now });
  };
  for (const times of [["0m0.50s", "0m10.00s"], ["1m0.000000s"]]) {
    const said = after(...times);
    t.ok(probes.processor.isDone(said), "there is nothing more to wait for");
    const endless = launchedThat(said);
    t.equal((await run(endless)).ended, undefined, times.join(" "));
    t.ok(endless.isKilled);
  }
  t.intercept(containerLimits, "probeMs", { value: 20 as never });
  const slow = launchedThat(after("0m9.99s").slice(0, -8));
  t.equal((await run(slow)).ended, undefined, "one that gets nothing of it is waited for so long");
  const bounded = launchedThat(after("0m1.90s"), { isOutOfMemory: false, exitCode: 152 });
  t.match(await run(bounded), { ended: { exitCode: 152 } });
});
