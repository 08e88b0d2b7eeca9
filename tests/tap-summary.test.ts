import { test } from "tap";
import { summaryOf } from "../scripts/tap-summary.ts";

const engineless = "no container engine here: there is no dockerd";

test("a run says what was left out, a line for each reason, and how many tests there were", (t) => {
  const tap = `TAP version 14
# Subtest: tests/a.test.ts
    ok 1 - holds # time=3ms
    ok 2 - needs one # SKIP ${engineless}
    ok 3 - needs one, too # SKIP ${engineless} # time=2.5ms
    ok 4 - is of root's # SKIP
    1..4
ok 1 - tests/a.test.ts # SKIP of no interest
1..1`;
  t.strictSame(summaryOf(tap), [
    `left out 2: ${engineless}`,
    "left out 1: no reason given",
    "1 passed, 0 failed, 3 skipped",
  ]);
  t.end();
});

test("what failed is told with what tap says of it, before the rest; a file that died counts", (t) => {
  const tap = `    not ok 1 - holds
      ---
      at: somewhere
      ...
    ok 2 - holds
not ok 1 - tests/a.test.ts
not ok 2 - tests/b.test.ts`;
  const summary = summaryOf(tap);
  t.strictSame(summary.slice(0, 4), tap.split("\n").slice(0, 4));
  t.equal(summary.at(-1), "0 passed, 2 failed, 0 skipped");
  t.end();
});
