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
