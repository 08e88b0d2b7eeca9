import { test } from "tap";
import { Gate } from "./gate.ts";

test("lets so many through at a time, in their order", async (t) => {
  const gate = new Gate(2);
  const inside = new Set<number>();
  const order: number[] = [];
  const passing = [0, 1, 2, 3, 4].map((n) =>
    gate.pass(async () => {
      order.push(n);
      inside.add(n);
      t.ok(inside.size <= 2);
      await new Promise(setImmediate);
      inside.delete(n);
      if (n === 1) throw new Error("one fails");
      return n;
    }),
  );
  const ends = await Promise.allSettled(passing);
  t.strictSame(order, [0, 1, 2, 3, 4]);
  t.strictSame(
    ends.map(({ status }) => status === "fulfilled"),
    [true, false, true, true, true],
  );
  t.equal(await gate.pass(() => Promise.resolve("again")), "again");
});

test("whoever gives up while waiting is told so, and the next one's turn is no later", async (t) => {
  const gate = new Gate(1);
  const finish = Promise.withResolvers<void>();
  const first = gate.pass(() => finish.promise);
  const stop = new AbortController();
  const second = gate.pass(() => Promise.resolve(t.fail("it is not let through")), stop.signal);
  const third = gate.pass(() => Promise.resolve("through"), new AbortController().signal);
  stop.abort();
  await t.rejects(second, { code: "CANCELLED" });
  finish.resolve();
  await first;
  t.equal(await third, "through");
  const late = gate.pass(() => Promise.resolve(), stop.signal);
  await t.rejects(late, { code: "CANCELLED" }, "nor who comes when it is over");
});
