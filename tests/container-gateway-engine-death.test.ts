// The engine dies in the middle of a call through the real programs, and comes back.
import { test } from "tap";
import { ringward } from "./support/command-line.ts";
import { privateEngine } from "./support/engine.ts";
import { during, ProductionPair, whenBack } from "./support/production-pair.ts";

const tools = { "sh.run": { limits: { wallMs: 60_000, memoryMb: 16 } } };
const unavailable = { status: "refused", ring: "sandbox", code: "ENGINE_UNAVAILABLE" };

test("an engine that dies ends its calls and nothing else; when it is back all goes on", async (t) => {
  const engine = await privateEngine(t);
  if (!engine) return;
  const pair = await ProductionPair.deploy(t, engine, { tools });
  await pair.startLauncher();
  await pair.startGateway();
  const propose = await pair.open();

  const call = propose("sh.run", { command: "sleep 600" });
  await during([call], async () => (await pair.programs("sh.run")).some(sleeps));
  const left = await pair.containers();
  await engine.kill();
  t.match(await call, unavailable, "in the middle of it");
  t.match(await propose("sh.run"), unavailable, "nothing weaker takes its place");
  t.match(await propose("js.run", { code: "return 42" }), { output: 42, tier: "isolate" });

  await engine.start();
  const answer = await whenBack(() => propose("sh.run", { command: "id -u" }));
  t.match(answer, { status: "completed", output: "65532 ", tier: "container" });
  const containers = await pair.containers();
  t.notOk(
    left.some((one) => containers.includes(one)),
    "nothing of before is left",
  );
  const intents = (await pair.records("intent")).map((intent) => intent.call);
  const ends = (await pair.records("end")).map((end) => end.call);
  t.strictSame(ends, intents, "each has one end, in their order");
  t.match(await ringward(["audit", "verify"], { folder: pair.folder }), { code: 0 });
});

function sleeps(program: string): boolean {
  return program.endsWith("sleep 600");
}
