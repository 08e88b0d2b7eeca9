import { test } from "tap";
import { type Engine, EngineFault } from "./engine.ts";
import { Reaper } from "./reaper.ts";

/** Of an engine whose first removal ends with `fault`. */
function reaperOf(fault: Error): Reaper {
  const faults = [fault];
  const remove = async (): Promise<void> => {
    const next = faults.pop();
    if (next) throw next;
  };
  return new Reaper({ remove } as Partial<Engine> as Engine, async () => []);
}

test("an engine that takes long for a removal is there: others start meanwhile", async (t) => {
  const reaper = reaperOf(new Error("no answer within 10000 ms"));
  t.teardown(() => reaper.close());
  await reaper.catchUp();
  const later = Promise.withResolvers<string>();
  t.equal(await reaper.remove("one", () => later.resolve("gone")), false);
  const first = await Promise.race([later.promise, reaper.catchUp().then(() => "caught up")]);
  t.equal(first, "caught up", "nothing waits for the removal that is late");
  t.equal(await later.promise, "gone");
});

test("an engine that answers that it cannot is there, too", async (t) => {
  const reaper = reaperOf(new EngineFault({ message: "driver failed", statusCode: 500 }));
  t.teardown(() => reaper.close());
  await reaper.catchUp();
  const later = Promise.withResolvers<string>();
  t.equal(await reaper.remove("one", () => later.resolve("gone")), false);
  const first = await Promise.race([later.promise, reaper.catchUp().then(() => "caught up")]);
  t.equal(first, "caught up");
  t.equal(await later.promise, "gone");
});

test("an engine that was lost has to be caught up with before the next starts", async (t) => {
  const reaper = reaperOf(new EngineFault(new Error("socket hang up")));
  t.teardown(() => reaper.close());
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
