import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";
import { containerLimits } from "../manifests/container-limits.ts";
import { containerTiers } from "../manifests/tier.ts";
import { probeNames } from "../sandbox/container/proof/probe-launchables.ts";
import type { SandboxResult } from "../sandbox/sandbox.ts";
import { fakeCalls, good, inContainer, type Program, says } from "./container-calls-fixtures.ts";

test("silence ends at the wall time, and the container with it", async (t) => {
  const { run, alive } = fakeCalls(t);
  const grant = { limits: { ...inContainer().limits, wallMs: 20 } };
  t.match(await run(() => undefined, { grant }), { kind: "failed", code: "TIMEOUT_WALL" });
  t.equal(alive(), 0);
});

test("a call that is cancelled ends, and the container with it", async (t) => {
  const { run, alive } = fakeCalls(t);
  const stop = new AbortController();
  const result = run(() => stop.abort(), { signal: stop.signal });
  t.match(await result, { kind: "failed", code: "CANCELLED" });
  t.equal(alive(), 0);
  t.match(await run(says(good), { signal: stop.signal }), { kind: "failed", code: "CANCELLED" });
});

test("a call ends when nothing of it runs any more, not before", async (t) => {
  const { run } = fakeCalls(t);
  const died = Promise.withResolvers<void>();
  let isOver = false;
  const program: Program = (container, { nonce }) => {
    container.kill = async () => {
      await died.promise;
      container.end({ exitCode: 137 });
    };
    container.say(good.replace("NONCE", nonce));
  };
  const result = run(program).finally(() => {
    isOver = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.notOk(isOver);
  died.resolve();
  t.match(await result, { kind: "output" });
});

for (const [what, ended, code] of [
  ["memory", { exitCode: 137, isOutOfMemory: true }, "OOM"],
  ["the engine is lost", { lost: "engine" }, "ENGINE_UNAVAILABLE"],
  ["the launcher is lost", { lost: "launcher" }, "ENGINE_UNAVAILABLE"],
] as const) {
  test(`ended for ${what}: ${code}`, async (t) => {
    const { run } = fakeCalls(t);
    t.match(await run((container) => container.end(ended)), { kind: "failed", code });
  });
}

test("an answer counts for nothing where nobody knows whether its container is gone", async (t) => {
  const { run } = fakeCalls(t);
  const program: Program = (container, { nonce }) => {
    container.kill = async () => container.end({ lost: "launcher" });
    container.say(good.replace("NONCE", nonce));
  };
  t.match(await run(program), { kind: "failed", code: "ENGINE_UNAVAILABLE" });
});

test("what a call failed with stays so, whatever is known of its container", async (t) => {
  const { run } = fakeCalls(t);
  const grant = { limits: { ...inContainer().limits, wallMs: 20 } };
  const program: Program = (container) => {
    container.kill = async () => container.end({ lost: "launcher" });
  };
  t.match(await run(program, { grant }), { kind: "failed", code: "TIMEOUT_WALL" });
});

test("a place is free again when its call is over", async (t) => {
  const { run } = fakeCalls(t);
  for (let calls = 0; calls < 20; calls += 1) {
    t.match(await run(says(good)), { kind: "output" });
  }
});

test("a credential is good for one call, and its way out is shut when that ends", async (t) => {
  const { run, proxy, launcher } = fakeCalls(t);
  const net = [
    { scheme: "https", host: "a.test", ports: [443], methods: ["GET"], path: "/" },
  ] as const;
  const program: Program = (container, told) => {
    t.equal(told.credential, `credential-${container.request.slot}`);
    t.ok(proxy.opened.has(container.request.slot));
    says(good)(container, told);
  };
  await run(program, { grant: { permissions: { net, fs: [] } } });
  t.equal(proxy.opened.size, 0);
  t.strictSame(proxy.admitted, [launcher.made[0]?.request.slot]);
});

test("a call is not run again: nothing starts, and it says why", async (t) => {
  const { sandbox, launcher } = fakeCalls(t);
  const digest = "0".repeat(64);
  const recording = { engine: "", start: "", asked: [], given: [], isWhole: true, log: digest };
  const job = { grant: inContainer(), code: "", input: "{}", recording };
  const result = await sandbox.run(job, new AbortController().signal);
  t.match(result, { kind: "failed", code: "SANDBOX_UNAVAILABLE", detail: /not run again/ });
  t.equal(launcher.made.length, 0);
});

test("a call of another tier is a bug, and never runs here", async (t) => {
  const { sandbox, launcher } = fakeCalls(t);
  const grant = inContainer({ sandbox: { tier: "gvisor", author: "operator", jit: false } });
  await t.rejects(sandbox.run({ grant, code: "", input: "{}" }, new AbortController().signal));
  t.equal(launcher.made.length, 0);
});

test("however many calls there are, both tiers can be proved at once", (t) => {
  t.ok(containerLimits.containersBeside >= probeNames.length * containerTiers.length);
  t.end();
});

test("a container that waits is not used once another file stands where its own stood", async (t) => {
  const { run, launcher, workspace } = fakeCalls(t);
  const fs = [{ path: "a.txt", access: "read" as const }];
  const call = (): Promise<SandboxResult> =>
    run(says(good), { grant: { permissions: { net: [], fs } } });
  await call();
  await call();
  while (launcher.made.length < 3) await sleep(5);
  const waiting = launcher.made[2]?.container;
  writeFileSync(join(workspace, "b.txt"), "beta");
  renameSync(join(workspace, "b.txt"), join(workspace, "a.txt"));
  const { ranIn } = await call();
  t.ok(ranIn);
  t.not(ranIn?.container, waiting);
});
