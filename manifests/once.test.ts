import { test } from "tap";
import { once } from "./once.ts";

test("what is made once is made when it is asked for, and not again, not even nothing", (t) => {
  let made = 0;
  const get = once(() => {
    made += 1;
    return undefined;
  });
  t.equal(made, 0);
  t.equal(get(), undefined);
  t.equal(get(), undefined);
  t.equal(made, 1);
  t.end();
});
