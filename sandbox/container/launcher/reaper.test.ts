import { type Test, test } from "tap";
import { containerLimits } from "../../../manifests/container-limits.ts";
import { type Engine, EngineFault } from "./engine.ts";
import { Reaper } from "./reaper.ts";

type Remove = (container: string) => Promise<void>;

function reaperOf(t: Test, remove: Remove, left: () => Promise<readonly string[]>): Reaper {
  const reaper = new Reaper({ remove } as Partial<Engine> as Engine, left);
  t.teardown(() => reaper.close());
  return reaper;
}

const nothing = async (): Promise<readonly string[]> => [];

/** Of an engine whose first removals end with `faults`. */
function failing(...faults: readonly Error[]): Remove {
  const left = [...faults];
  return async () => {
    const next = left.shift();
    if (next) throw next;
  };
}

/** Smaller than it is, so that a test is soon over. */
function lower(t: Test, name: keyof typeof containerLimits, value: number): void {
  t.intercept(containerLimits, name, { value: value as never, configurable: true });
}

const away = (): Error => new EngineFault(new Error("socket hang up"));
const never = (): Promise<never> => new Promise(() => undefined);

for (const [what, fault] of [
  ["takes long for a removal", new Error("no answer within 10000 ms")],
  ["refuses one", new EngineFault({ message: "driver failed", statusCode: 500 })],
] as const) {
  test(`an engine that ${what} is there: others start meanwhile`, async (t) => {
    const reaper = reaperOf(t, failing(fault), nothing);
    await reaper.catchUp();
    const later = Promise.withResolvers<string>();
    t.equal(await reaper.remove("one", () => later.resolve("gone")), false);
    const first = await Promise.race([later.promise, reaper.catchUp().then(() => "caught up")]);
    t.equal(first, "caught up", "nothing waits for the removal that is late");
    t.equal(await later.promise, "gone");
  });
}

test("an engine that was lost has to be caught up with before the next starts", async (t) => {
  const reaper = reaperOf(t, failing(away()), nothing);
  await reaper.catchUp();
  let isGone = false;
  const gone = (): void => {
    isGone = true;
  };
  t.equal(await reaper.remove("one", gone), false);
  t.notOk(isGone);
  await reaper.catchUp();
  t.ok(isGone, "it went before anything else may start");
});

test("what was left is removed before anything starts, once, and so many at a time", async (t) => {
  const names = Array.from({ length: 3 * containerLimits.reapedAtOnce }, (_, at) => `left-${at}`);
  const removed: string[] = [];
  let now = 0;
  let most = 0;
  const remove = async (container: string): Promise<void> => {
    removed.push(container);
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
  };
  let lists = 0;
  const reaper = reaperOf(t, remove, async () => {
    lists += 1;
    return names;
  });
  const [first, second] = [reaper.catchUp(), reaper.catchUp()];
  await second;
  t.equal(removed.length, names.length, "whoever comes meanwhile waits for it, too");
  await first;
  t.strictSame(removed.toSorted(), names.toSorted());
  t.equal(most, containerLimits.reapedAtOnce);
  await reaper.catchUp();
  t.equal(lists, 1, "who was never away has nothing to catch up with");
});

test("what the engine was still making for a launcher that died is removed a little later", async (t) => {
  lower(t, "containerStartMs", 5);
  const looks = [["made"], ["still being made"]];
  const both = Promise.withResolvers<void>();
  const removed: string[] = [];
  const remove = async (container: string): Promise<void> => {
    if (removed.push(container) === 2) both.resolve();
  };
  const reaper = reaperOf(t, remove, async () => looks.shift() ?? []);
  await reaper.catchUp();
  t.strictSame(removed, ["made"]);
  await both.promise;
  t.strictSame(removed, ["made", "still being made"]);
});

for (const [what, list] of [
  ["cannot be listed", () => Promise.reject(away())],
  ["is never told", never],
] as const) {
  test(`where what was left ${what}, nothing starts`, async (t) => {
    lower(t, "containerEndMs", 5);
    const reaper = reaperOf(t, failing(), list);
    await t.rejects(reaper.catchUp(), { name: "EngineFault" });
    await t.rejects(reaper.catchUp(), { name: "EngineFault" }, "nor the next time");
  });
}

test("an engine that never says whether it removed is waited for so long", async (t) => {
  lower(t, "containerEndMs", 5);
  const reaper = reaperOf(t, never, nothing);
  t.equal(await reaper.remove("one", () => t.fail("nobody knows")), false);
});

/** The pauses that are made from now on; none of them lasts. */
function pausesOf(t: Test): { readonly pauses: number[]; readonly ended: unknown[] } {
  const { setTimeout: start, clearTimeout: end } = globalThis;
  const [pauses, ended]: [number[], unknown[]] = [[], []];
  const noted = (act: () => void, ms: number): NodeJS.Timeout => {
    pauses.push(ms);
    return start(act, 0);
  };
  t.intercept(globalThis, "setTimeout", { value: noted as typeof start });
  t.intercept(globalThis, "clearTimeout", {
    value: (one: NodeJS.Timeout) => ended.push(one) && end(one),
  });
  return { pauses, ended };
}

test("what could not be removed is tried again, with longer and longer pauses", async (t) => {
  const faults = Array.from({ length: 20 }, () => new Error("busy"));
  const reaper = reaperOf(t, failing(...faults), nothing);
  await reaper.catchUp();
  const { pauses } = pausesOf(t);
  await new Promise<void>((resolve) => void reaper.remove("one", resolve));
  const { containerPauseMs: first, containerPauseMsCeiling: ceiling } = containerLimits;
  t.strictSame(
    pauses,
    faults.map((_, at) => Math.min(first * 2 ** at, ceiling)),
  );
  t.equal(pauses.at(-1), ceiling);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(pauses.length, faults.length, "what is gone is not tried again");
});

test("after all is done the next pause is as short as the first", async (t) => {
  let asked = 0;
  const everySecond = async (): Promise<void> => {
    asked += 1;
    if (asked % 2 === 1) throw new Error("busy");
  };
  const reaper = reaperOf(t, everySecond, nothing);
  await reaper.catchUp();
  const { pauses } = pausesOf(t);
  for (const name of ["one", "two"]) {
    await new Promise<void>((resolve) => void reaper.remove(name, resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.strictSame(pauses, [containerLimits.containerPauseMs, containerLimits.containerPauseMs]);
});

test("a reaper that was closed tries nothing any more", async (t) => {
  const reaper = reaperOf(t, failing(new Error("busy")), nothing);
  await reaper.catchUp();
  const { pauses, ended } = pausesOf(t);
  t.equal(await reaper.remove("one", () => t.fail("it was tried again")), false);
  reaper.close();
  t.equal(ended.filter((timer) => timer !== undefined).length, 2, "nor looks a second time");
  const closed = reaperOf(t, failing(new Error("busy")), nothing);
  await closed.catchUp();
  closed.close();
  t.equal(await closed.remove("two", () => t.fail("it was tried again")), false);
  const closing = reaperOf(t, failing(), nothing);
  const caughtUp = closing.catchUp();
  closing.close();
  await caughtUp;
  const { containerPauseMs, containerStartMs } = containerLimits;
  t.strictSame(pauses, [containerPauseMs, containerStartMs], "both from before");
});
