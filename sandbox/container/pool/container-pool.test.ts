import { test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { Refusal } from "../../../manifests/refusals.ts";
import type { Cordon } from "./cordon.ts";
import { cordon, never, settle, stage } from "./testing.ts";

const ann: Cordon = cordon("ann");
const bob: Cordon = cordon("bob");
const refill = containerLimits.containerRefillMs;

test("a container serves one call and is gone; nobody gets another's", async (t) => {
  const { call, launcher, pass } = stage(t, 8);
  const taken = [await call(ann), await call(bob), await call(ann)];
  t.equal(new Set(taken).size, 3);
  t.equal(launcher.alive(), 0, "none is started while answers leave");
  await pass(10 * refill);
  const waiting = launcher.made.filter(({ isAlive }) => isAlive);
  const next = await call(ann);
  t.ok(
    waiting.some((one) => one === next.launched),
    "one that waited is taken",
  );
  t.notOk(waiting.find((one) => one === next.launched)?.isAlive);
});

test("the call after the first finds a container that waits", async (t) => {
  const { call, launcher, pass } = stage(t, 8);
  await call(ann);
  await pass(refill);
  t.equal(launcher.made.length, 2);
  const next = await call(ann);
  t.equal(next.launched, launcher.made[1]);
});

test("as many wait as calls came lately, up to a limit; fewer when they stay away", async (t) => {
  const { call, launcher, pass } = stage(t, 16);
  for (let calls = 0; calls < 20; calls += 1) await call(ann);
  await pass(20 * refill);
  t.equal(launcher.alive(), containerLimits.containersSparePerCordon);
  await pass(containerLimits.containerIdleMs + containerLimits.containerTickMs);
  t.equal(launcher.alive(), 0);
});

test("who calls now and then finds one that waits, for as long as that is likely", async (t) => {
  const { call, launcher, pass } = stage(t, 16);
  await call(ann);
  await pass(containerLimits.containerIdleMs / 2);
  t.equal(launcher.alive(), 1);
  await pass(containerLimits.containerIdleMs);
  t.equal(launcher.alive(), 0);
});

test("what arguments chose to mount is made ready when it is chosen again, not before", async (t) => {
  const { call, launcher, pass } = stage(t, 16);
  const chosen = cordon("ann", { key: "chosen", mounts: ["data/a.csv"] });
  await call(chosen);
  await pass(2 * refill);
  t.equal(launcher.alive(), 0);
  await call(chosen);
  await pass(2 * refill);
  t.ok(launcher.alive() > 0);
});

test("there are never more containers than there may be; who ends still has a place", async (t) => {
  const set = stage(t, 2);
  set.launcher.isSlowToGo = true;
  const [first] = await Promise.all([set.take(ann), set.take(ann)]);
  const third = set.take(bob);
  await set.pass(100);
  t.equal(set.launcher.made.length, 2);
  set.pool.give(first);
  await set.pass(2 * containerLimits.containerTickMs);
  t.equal(set.launcher.made.length, 2, "what is left of it is still removed");
  set.launcher.made[0]?.buried();
  t.equal((await third).launched, set.launcher.made[2]);
});

test("the one that was needed longest ago makes place for a call that has none", async (t) => {
  const { call, launcher, pass } = stage(t, 2);
  await call(ann);
  await pass(refill);
  await call(bob);
  await pass(refill);
  const [anns, bobs] = launcher.made.filter(({ isAlive }) => isAlive);
  await call(cordon("cleo"));
  t.notOk(anns?.isAlive);
  t.ok(bobs?.isAlive);
});

test("memory is bounded as numbers are, and small calls do not pass by a large one", async (t) => {
  const { pool, take, launcher, pass } = stage(t, 64);
  const memoryMb = (64 / 2) * (containerLimits.containerShareBytes / 1_048_576);
  const large = { limits: { memoryMb, cpuMs: 1_000 } };
  const first = await take(cordon("ann", large));
  await take(bob);
  const second = take(cordon("ann", { ...large, key: "another" }));
  const small = take(cordon("cleo"));
  await pass(100);
  t.equal(launcher.made.length, 2, "the small one would fit");
  pool.give(first);
  await Promise.all([second, small]);
  t.equal(launcher.made.length, 4);
});

test("refilling takes no place from anybody", async (t) => {
  const { take, call, launcher, pass } = stage(t, 2);
  await call(ann);
  await pass(refill);
  await take(bob);
  await pass(containerLimits.containerIdleMs / 2);
  t.equal(launcher.alive(), 2);
  t.equal(launcher.made.length, 3);
});

test("a flood of one principal keeps nobody else out", async (t) => {
  const { pool, take, pass } = stage(t, 1);
  const order: string[] = [];
  const run = async (who: Cordon): Promise<void> => {
    const standing = await take(who);
    order.push(who.principal);
    pool.give(standing);
  };
  const flood = Array.from({ length: 40 }, () => run(ann));
  const others = Promise.all([run(bob), run(bob)]);
  await pass(100);
  await others;
  t.ok(order.lastIndexOf("bob") <= 6, order.join(" "));
  await Promise.all(flood);
  t.equal(order.length, 42);
});

test("so many start at a time, and who comes behind a burst waits for no more than those", async (t) => {
  const { take, launcher } = stage(t, 64);
  const ready = Promise.withResolvers<void>();
  launcher.ready = ready.promise;
  const burst = Array.from({ length: 40 }, () => take(ann));
  const behind = take(bob);
  await settle();
  t.equal(launcher.made.length, containerLimits.containerStarts);
  ready.resolve();
  const { launched } = await behind;
  const next = launcher.made.slice(0, containerLimits.containerStarts + 2);
  t.ok(next.some((one) => one === launched));
  await Promise.all(burst);
  t.equal(launcher.made.length, 41);
});

test("where none starts nobody waits: each is told why, and the pauses between tries grow", async (t) => {
  const set = stage(t, 4);
  set.launcher.fault = new Refusal("IMAGE_UNAVAILABLE");
  const tries: number[] = [];
  const { containerPauseMs: first, containerPauseMsCeiling: ceiling } = containerLimits;
  for (let pause = first; pause < 4 * ceiling; pause *= 2) {
    await t.rejects(set.take(ann), { code: "IMAGE_UNAVAILABLE" });
    tries.push(set.at);
    const fault: Error | undefined = set.launcher.fault;
    set.launcher.fault = new Error("asked in the pause");
    await set.pass(Math.min(pause, ceiling) - 1);
    await t.rejects(set.take(ann), { code: "IMAGE_UNAVAILABLE" }, "nobody is asked in between");
    set.launcher.fault = fault;
    await set.pass(1);
  }
  t.ok(tries.length > 7);
  set.launcher.fault = undefined;
  await set.call(ann);
  t.equal(set.launcher.made.length, 1, "and when it works again, it works");
});

test("what many starts at once came to is followed by one pause, not by one for each", async (t) => {
  const set = stage(t, 8);
  set.launcher.fault = new Refusal("ENGINE_UNAVAILABLE");
  const calls = Array.from({ length: 8 }, () => set.take(ann));
  for (const call of calls) await t.rejects(call, { code: "ENGINE_UNAVAILABLE" });
  set.launcher.fault = undefined;
  await set.pass(containerLimits.containerPauseMs);
  await set.call(ann);
  t.equal(set.launcher.made.length, 1);
});

test("what one principal's calls mount in vain stops nobody else's", async (t) => {
  const set = stage(t, 4);
  set.launcher.fault = new Refusal("FILES_FAILED");
  await t.rejects(set.take(cordon("ann", { mounts: ["gone"] })), { code: "FILES_FAILED" });
  set.launcher.fault = undefined;
  await set.call(bob);
  t.equal(set.launcher.made.length, 1);
});

for (const [what, spoil, code] of [
  ["spoke", "say", "SANDBOX_CRASH"],
  ["died", "end", "GUEST_ERROR"],
] as const) {
  test(`a container that ${what} before its call serves nobody, and the next call hears of it`, async (t) => {
    const { call, take, launcher, pass } = stage(t, 8);
    await call(ann);
    await pass(refill);
    const [, waiting] = launcher.made;
    if (spoil === "say") waiting?.say('{"nonce":"00"}');
    else waiting?.end({ exitCode: 7 });
    await settle();
    t.notOk(waiting?.isAlive);
    await t.rejects(take(ann), { code });
    await pass(containerLimits.containerPauseMs);
    const next = await call(ann);
    t.not(next.launched, waiting);
  });
}

test("one that spoils again and again is not started again and again", async (t) => {
  const { call, launcher, pass } = stage(t, 8);
  await call(ann);
  launcher.program = (container) => setImmediate(() => container.say("hello"));
  await pass(containerLimits.containerIdleMs - 1_000);
  t.ok(launcher.made.length < 12, `${launcher.made.length} starts in a minute`);
});

test("waiting ends at its time, by its signal, and when the pool closes", async (t) => {
  const { pool, take, pass } = stage(t, 1);
  await take(ann);
  const late = t.rejects(take(ann, 5), { code: "SANDBOX_UNAVAILABLE" });
  await pass(5);
  await late;
  const stop = new AbortController();
  const cancelled = pool.take(ann, 60_000, stop.signal);
  stop.abort();
  await t.rejects(cancelled, { code: "CANCELLED" });
  await t.rejects(pool.take(ann, 60_000, stop.signal), { code: "CANCELLED" });
  const left = take(bob);
  await Promise.all([t.rejects(left, { code: "SANDBOX_UNAVAILABLE" }), pool.close()]);
  await t.rejects(pool.take(ann, 60_000, never), { code: "SANDBOX_UNAVAILABLE" });
});

test("a container that starts while the pool closes is ended, and its way out is shut", async (t) => {
  const { pool, take, launcher, proxy } = stage(t, 1);
  const left = take(cordon("ann", { network: true }));
  await Promise.all([t.rejects(left, { code: "SANDBOX_UNAVAILABLE" }), pool.close()]);
  t.equal(launcher.made.length, 1);
  t.equal(launcher.alive(), 0);
  t.equal(proxy.opened.size, 0);
});

test("each container has a way out of its own, open no longer than it", async (t) => {
  const { take, pool, launcher, proxy, pass } = stage(t, 4);
  const out = cordon("ann", { network: true });
  const both = await Promise.all([take(out), take(out)]);
  t.strictSame(
    [...proxy.opened],
    launcher.made.map(({ request }) => request.slot),
  );
  for (const one of both) pool.give(one);
  await settle();
  t.equal(proxy.opened.size, 0);
  launcher.fault = new Refusal("ENGINE_UNAVAILABLE");
  await t.rejects(take(cordon("bob", { network: true })), { code: "ENGINE_UNAVAILABLE" });
  t.equal(proxy.opened.size, 0, "also where no container came of it");
  await pass(0);
});

test("a container whose mounts were replaced while it started serves nobody", async (t) => {
  const stands = stage(t, 4);
  const { take, launcher, proxy } = stands;
  stands.ground = "another folder";
  const replaced = take(cordon("ann", { mounts: ["data"], ground: "a folder", network: true }));
  await t.rejects(replaced, { code: "FILES_FAILED" });
  t.equal(launcher.alive(), 0);
  t.equal(proxy.opened.size, 0);
  await take(cordon("bob", { mounts: ["data"], ground: "another folder" }));
});
