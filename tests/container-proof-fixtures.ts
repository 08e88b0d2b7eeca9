import type { Test } from "tap";
import type { ContainerTier } from "../manifests/tier.ts";
import { probeLaunchables } from "../sandbox/container/proof/probe-launchables.ts";
import { proveTier } from "../sandbox/container/proof/prove-tier.ts";
import type { Readiness } from "../sandbox/sandbox.ts";
import { type Alter, alterEngine } from "./support/altering-engine.ts";
import { busyboxImage } from "./support/busybox-image.ts";
import type { TestEngine } from "./support/engine.ts";
import { testImages } from "./support/test-images.ts";
import { newSlot, testLauncher } from "./support/test-launcher.ts";

/** Proves a tier on an engine, which is told something else where `alter` says so. */
export async function prove(
  t: Test,
  engine: TestEngine,
  { tier, alter }: { readonly tier: ContainerTier; readonly alter?: Alter },
): Promise<Readiness> {
  // What is sent in by deployments; a small one is enough to miss what is not there.
  const image = alter ? await busyboxImage(engine) : (await testImages(engine, ["shell"])).shell;
  const socket = alter ? await alterEngine(t, engine.socket, alter) : engine.socket;
  const launchables = probeLaunchables(image);
  const { launcher, close } = await testLauncher(t, { engine: socket, image, launchables });
  const now = (): number => performance.now();
  const readiness = await proveTier({ tier, launcher, newSlot, now });
  await close();
  return readiness;
}
