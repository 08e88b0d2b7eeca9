import { test } from "tap";
import { gitCases } from "./container-tools-git-cases.ts";
import { engineFor } from "./support/engine.ts";
import { openToolCalls } from "./support/tool-calls.ts";

test("`git.log` on repositories of all kinds", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const at = await openToolCalls(t, engine, "container");
  for (const [what, check] of Object.entries(gitCases)) {
    await t.test(what, (inner) => check(inner, at));
  }
});
