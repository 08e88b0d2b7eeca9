import { test } from "tap";
import { limits } from "../../../manifests/limits.ts";
import { isWorn } from "./wear.ts";

const most = {
  peakBytes: limits.workerPeakBytes,
  cpuMs: limits.workerCpuSecondsSoft * 1_000,
  bundles: ["a", "b".repeat(limits.workerCodeBytes - 1)],
};

test("a worker at its limits serves on; beyond any one of them it does not", (t) => {
  t.notOk(isWorn(most));
  t.ok(isWorn({ ...most, peakBytes: most.peakBytes + 1 }));
  t.ok(isWorn({ ...most, cpuMs: most.cpuMs + 1 }));
  t.ok(isWorn({ ...most, bundles: [...most.bundles, "c"] }));
  t.end();
});

test("the longest call leaves a worker that is not worn below the limit that kills it", (t) => {
  const longest = most.cpuMs + limits.cpuMsCeiling + limits.workerWatchMs;
  t.ok(longest < limits.workerCpuSeconds * 1_000);
  t.end();
});
