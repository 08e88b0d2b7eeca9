import { test } from "tap";
import { toolCases } from "./container-tools-cases.ts";
import { engineFor } from "./support/engine.ts";
import { openToolCalls } from "./support/tool-calls.ts";

test("the shipped tools on `runc`", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const at = await openToolCalls(t, engine, "container");
  for (const [what, check] of Object.entries(toolCases)) {
    await t.test(what, (inner) => check(inner, at));
  }
});
