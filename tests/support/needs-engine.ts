import { test } from "tap";
import { engineFor, gvisorFor } from "./engine.ts";

/** A file of tests that a machine without an engine has to leave out, for the test of that. */
test("needs an engine", async (t) => {
  if (await engineFor(t)) t.pass();
});

test("needs gVisor", async (t) => {
  if (await gvisorFor(t)) t.pass();
});
