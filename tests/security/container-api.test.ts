import { type Test, test } from "tap";
import { type ContainerTier, containerTiers } from "../../manifests/tier.ts";
import type { CreateOptions } from "../../sandbox/container/profile/create-options.ts";
import { createOptions } from "../../sandbox/container/profile/create-options.ts";
import { busyboxImage } from "../support/busybox-image.ts";
import { engineWith } from "../support/engine.ts";
import { recordEngine } from "../support/recording-engine.ts";
import { testLauncher } from "../support/test-launcher.ts";
import { titleOf } from "./catalogue.ts";

for (const tier of containerTiers) {
  test(`${titleOf("C27")}: ${tier}`, async (t) => {
    const sent = await sentFor(t, tier);
    if (!sent) return;
    const { Labels: labels, Image: id } = sent;
    // The golden test of the profile holds this, to the letter.
    const expected = createOptions({
      launchable: { command: ["sh", "-c", "cat"], memoryMb: 32, cpuMs: 5_000, lifecycle: "call" },
      request: { tier, limits: { memoryMb: 32, cpuMs: 5_000 } },
      image: { id, env: ["PATH=/bin"], volumes: [] },
      mounts: [],
      labels,
    });
    t.strictSame(sent, JSON.parse(JSON.stringify(expected)));
    t.ok(Object.keys(labels).every((name) => name.startsWith("ringward.")));
  });
}

/** A request that asks for more than there is, with whatever it could say beside. */
async function sentFor(t: Test, tier: ContainerTier): Promise<CreateOptions | undefined> {
  const engine = await engineWith(t, tier);
  if (!engine) return undefined;
  const recorder = await recordEngine(t, engine.socket);
  const image = await busyboxImage(engine);
  const { launch } = await testLauncher(t, { engine: recorder.socket, image });
  const most = { memoryMb: 2 ** 40, cpuMs: 2 ** 40 };
  const launched = await launch({ tier, limits: most });
  await launched.kill();
  const [creation] = recorder.creations();
  return creation?.body as CreateOptions;
}
