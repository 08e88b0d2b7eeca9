// The real programs: a launcher that holds the engine's socket, and a gateway that does not.
import { test } from "tap";
import { ringward } from "./support/command-line.ts";
import { engineFor } from "./support/engine.ts";
import { ProductionPair } from "./support/production-pair.ts";

test("in production a launcher runs on its own, and `call` goes through it", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const pair = await ProductionPair.deploy(t, engine, { tools: { "sh.run": {} } });
  const { folder } = pair;
  const args = ["call", "sh.run", "--args", '{"command":"id -u"}', "--json"];

  const before = await ringward(args, { folder });
  t.match(JSON.parse(before.stdout), { status: "refused", code: "ENGINE_UNAVAILABLE" });
  const launcher = await pair.startLauncher();
  const after = await ringward(args, { folder });
  t.match(JSON.parse(after.stdout), { status: "completed", output: "65532 ", tier: "container" });
  t.equal(after.stderr, "");
  t.match(await ringward(["audit", "verify"], { folder }), { code: 0 });
  t.equal(await launcher.stop(), 0);
});
