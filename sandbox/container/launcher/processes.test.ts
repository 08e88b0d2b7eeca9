import { test } from "tap";
import { Processes } from "./processes.ts";

test("processes that are no container's are never taken for one's", (t) => {
  const container = "c".repeat(64);
  for (const first of [process.pid, process.ppid, 1, 0, 2 ** 22 + 1]) {
    t.equal(Processes.of(container, first), undefined, String(first));
  }
  t.end();
});
