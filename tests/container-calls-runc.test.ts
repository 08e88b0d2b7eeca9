import { test } from "tap";
import { engineCalls, engineCases, processesOf } from "./container-calls-cases.ts";
import { engineFor } from "./support/engine.ts";

test("on `runc`, each program ends as it should, and nothing of it is left", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const { call, sandbox, launcher } = await engineCalls(t, engine, {
    tier: "container",
    cases: engineCases,
  });
  for (const one of engineCases) {
    const result = await call(one);
    const { container = "" } = result.ranIn ?? {};
    t.strictSame(processesOf(container), [], `${one.does}: nothing runs any more`);
    const expected = one.code ? { kind: "failed", code: one.code } : { output: "3" };
    t.match(result, expected, `a program that ${one.does}`);
    const { cpuMs = 0 } = one;
    if (one.code === "TIMEOUT_CPU")
      t.ok(result.usage.cpuMs > cpuMs / 2, "and what it used is told");
  }
  await sandbox.close();
  t.strictSame(await launcher.names(), [], "no container stays");
});
