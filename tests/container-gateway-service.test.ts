// Tools that stay: the calls of a session in one container, through the whole gateway, on each runtime.
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import tap, { type Test, test } from "tap";
import { parse } from "yaml";
import type { JsonObject } from "../manifests/json.ts";
import { type ContainerTier, containerTiers } from "../manifests/tier.ts";
import {
  openContainerGateway,
  recordedGrants,
  recordedSandboxes,
  serverScript,
  type TestTools,
} from "./support/container-gateway.ts";
import { engineFor, engineWith, type TestEngine } from "./support/engine.ts";
import { block } from "./support/source-files.ts";
import { recordHolds, type TestGateway } from "./support/test-gateway.ts";
import { testImages } from "./support/test-images.ts";

tap.setTimeout(110_000);

const toolsFor = (tier: ContainerTier): TestTools => ({
  "sh.serve": {
    run: { image: "shell", command: ["/bin/sh", "-c", serverScript], lifecycle: "service" },
    sandbox: { tier },
    roles: { command: "content" },
    limits: { wallMs: 5_000, memoryMb: 64 },
  },
});

for (const tier of containerTiers) {
  test(`a tool that stays serves its session, and nobody else: ${tier}`, async (t) => {
    const engine = await engineWith(t, tier);
    if (engine) await stays(t, engine, tier);
  });
}

test("the tool that stays of the pages works as it is typed", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const tool = parse(block("docs/services.md", "yaml", "notes.keep")) as JsonObject;
  const at = await openContainerGateway(t, engine, {
    tools: { "notes.keep": tool },
    images: await testImages(engine, ["python"]),
    tiers: ["container"],
  });
  const session = await at.open();
  const keep = (note: string): Promise<object> => session.propose("notes.keep", { note });
  t.match(await keep("milk"), { status: "completed", output: ["milk"] });
  t.match(await keep("tea"), { status: "completed", output: ["milk", "tea"] });
});

async function stays(t: Test, engine: TestEngine, tier: ContainerTier): Promise<void> {
  const at = await openContainerGateway(t, engine, { tools: toolsFor(tier), tiers: [tier] });
  const count = { command: "echo x >> /tmp/n; cat /tmp/n | wc -l" };
  const [mine, other] = [await at.open(), await at.open()];
  t.match(await mine.propose("sh.serve", count), { status: "completed", output: /^ *1 $/, tier });
  t.match(await mine.propose("sh.serve", count), { output: /^ *2 $/ }, "it is the same one");
  t.match(await other.propose("sh.serve", count), { output: /^ *1 $/ }, "another session's is not");
  const [first, second, third] = await recordedSandboxes(at);
  t.match(first, { tier, container: /^[0-9a-f]{64}$/ });
  t.equal(second?.["container"], first?.["container"]);
  t.not(third?.["container"], first?.["container"]);
  t.match(await recordedGrants(at), [{ sandbox: { lifecycle: "service" } }]);

  const dies = await mine.propose("sh.serve", { command: "kill -9 $(cat /tmp/server)" });
  t.match(dies, { status: "refused", code: "SANDBOX_CRASH" });
  t.match(await mine.propose("sh.serve", count), { output: /^ *1 $/ }, "it was started again");
  t.match(await other.propose("sh.serve", count), { output: /^ *2 $/ }, "another one's has stayed");
  const lies = { command: "echo no answer > /proc/$(cat /tmp/server)/fd/1" };
  t.match(await mine.propose("sh.serve", lies), { status: "refused", code: "OUTPUT_UNREADABLE" });
  const names = await namesOf(engine, at);
  t.ok(names.length >= 1);
  await recordHolds(t, at, 7);
  await at.gateway.close();
  while ((await namesOf(engine, at)).length > 0) await sleep(20);
}

/** The containers of this gateway's deployment. */
async function namesOf(engine: TestEngine, { workspace }: TestGateway): Promise<readonly string[]> {
  const docker = new Docker({ socketPath: engine.socket });
  const filters = { label: [`ringward.instance=${workspace}`] };
  return (await docker.listContainers({ all: true, filters })).flatMap(({ Names }) => Names);
}
