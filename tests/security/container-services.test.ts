// The threat: tools that stay take the places of others, or stay for ever.
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";
import { containerLimits } from "../../manifests/container-limits.ts";
import { inContainer } from "../container-calls-fixtures.ts";
import { turns } from "./broker-files-fixtures.ts";
import { answers, type Served, servedCalls } from "./container-served-fixtures.ts";

const { serviceIdleMs, services: most, servicesPerPrincipal: own } = containerLimits;

test("there are so many services, and the one that was used longest ago makes place", async (t) => {
  const at = servedCalls(t);
  const call = async (number: number): Promise<unknown> => {
    at.clock.now += 1;
    return await at.run(answers, { grant: { session: `${number}`, principal: `${number % 3}` } });
  };
  for (let number = 0; number < most; number += 1) await call(number);
  t.equal(at.launcher.alive(), most);
  await call(0);
  await call(most);
  await turns(3);
  t.equal(at.launcher.alive(), most);
  t.strictSame(at.launcher.made.map(({ isAlive }) => isAlive).indexOf(false), 1);
});

test("one that serves makes place for nobody; and one principal leaves places for others", async (t) => {
  const at = servedCalls(t);
  await at.run(answers, { grant: { principal: "other" } });
  at.clock.now += 1;
  const finish = Promise.withResolvers<void>();
  const slow: Served = (one, told) => void finish.promise.then(() => answers(one, told));
  const running = Array.from({ length: own }, (_, number) =>
    at.run(slow, { grant: { session: `${number}` } }),
  );
  while (at.told.length < own * 2 + 2) await sleep(1);
  t.match(await at.run(slow, { grant: { session: "more" } }), { code: "SANDBOX_UNAVAILABLE" });
  t.equal((await at.run(answers, { grant: { principal: "other" } })).kind, "output");
  at.clock.now += 1;
  finish.resolve();
  for (const result of await Promise.all(running)) t.equal(result.kind, "output");
  t.equal((await at.run(answers, { grant: { session: "more" } })).kind, "output");
  t.equal(at.launcher.alive(), own + 1, "its own oldest has made place, not another's");
});

test("their memory is bounded too", async (t) => {
  const at = servedCalls(t);
  const memoryMb = (most * containerLimits.containerShareBytes) / 2 ** 20 / 2;
  const call = (session: string, more = 0): Promise<unknown> =>
    at.run(answers, {
      grant: {
        ...{ session, principal: session },
        limits: { ...inContainer().limits, memoryMb: memoryMb + more },
      },
    });
  await call("a");
  await call("b");
  t.equal(at.launcher.alive(), 2);
  await call("c", 1);
  await turns(3);
  t.equal(at.launcher.alive(), 1);
});

test("one that nobody uses for long is ended, and none is left when all are closed", async (t) => {
  const at = servedCalls(t);
  await at.run(answers);
  at.clock.now += serviceIdleMs - 1;
  at.services.tick();
  t.equal(at.launcher.alive(), 1);
  at.clock.now += 1;
  at.services.tick();
  await turns(3);
  t.equal(at.launcher.alive(), 0);
  await at.run(answers);
  t.equal(at.launcher.alive(), 1);
  await at.services.close();
  t.equal(at.launcher.alive(), 0);
  t.strictSame(at.pauses, []);
  t.match(await at.run(answers), { kind: "failed", code: "SANDBOX_UNAVAILABLE" });
});
