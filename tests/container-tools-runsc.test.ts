import { test } from "tap";
import { toolCases } from "./container-tools-cases.ts";
import { gvisorFor } from "./support/engine.ts";
import { openToolCalls } from "./support/tool-calls.ts";

test("the shipped tools on `runsc`", async (t) => {
  const engine = await gvisorFor(t);
  if (!engine) return;
  const at = await openToolCalls(t, engine, "gvisor");
  for (const [what, check] of Object.entries(toolCases)) {
    await t.test(what, (inner) => check(inner, { ...at, tier: "gvisor" }));
  }
});
