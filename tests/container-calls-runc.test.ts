import { test } from "tap";
import { eachEnds } from "./container-calls-cases.ts";
import { engineFor } from "./support/engine.ts";

test("on `runc`, each program ends as it should, and nothing of it is left", async (t) => {
  const engine = await engineFor(t);
  if (engine) await eachEnds(t, engine, "container");
});
