import { test } from "tap";
import { limits } from "../../manifests/limits.ts";
import { openFaults } from "./verify-faults.ts";

test("the first faults are kept, up to the limit", (t) => {
  const faults = openFaults();
  for (let n = 1; n <= limits.verifyFaults + 1; n += 1) {
    faults.add({ what: String(n) });
    t.equal(faults.list().length, Math.min(n, limits.verifyFaults));
  }
  t.equal(faults.list()[0]?.what, "1");
  t.equal(faults.list().at(-1)?.what, String(limits.verifyFaults));
  t.end();
});
