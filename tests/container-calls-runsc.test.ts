import { test } from "tap";
import { eachEnds } from "./container-calls-cases.ts";
import { gvisorFor } from "./support/engine.ts";

test("on `runsc`, each program ends as it should, and nothing of it is left", async (t) => {
  const engine = await gvisorFor(t);
  if (engine) await eachEnds(t, engine, "gvisor");
});
