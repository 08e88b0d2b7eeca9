import { setTimeout as sleep } from "node:timers/promises";
import { type Test, test } from "tap";
import type { LauncherOptions } from "../sandbox/container/launcher/serve-launcher.ts";
import { busyboxImage } from "./support/busybox-image.ts";
import { type Child, startChild } from "./support/children.ts";
import { engineFor, type TestEngine } from "./support/engine.ts";
import { namesOf, requestOf, testLauncherOptions } from "./support/test-launcher.ts";

/*
 * Fifty containers in flight, and one side of the link dies without a word. The engine knows nothing
 * of that: what nobody ends would run for ever.
 */
const count = 50;

test("fifty containers end with their gateway, and none is left", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const { options, gateway } = await inFlight(t, engine);
  t.equal((await namesOf(options)).length, count);
  await gateway.kill();
  await noneLeft(options);
});

test("fifty containers outlive their launcher, each call has an end, and the next start leaves none", async (t) => {
  const engine = await engineFor(t);
  if (!engine) return;
  const { options, launcher, gateway } = await inFlight(t, engine);
  await launcher.kill();
  const ends = JSON.parse(await gateway.line()) as readonly object[];
  const lost = { isOutOfMemory: false, lost: "launcher" };
  t.strictSame(
    ends,
    Array.from({ length: count }, () => lost),
  );
  t.equal((await namesOf(options)).length, count, "nobody has ended them yet");
  const next = startChild(t, "launcher-child.ts", options);
  t.equal(await next.line(), "serves");
  t.strictSame(await namesOf(options), []);
});

interface InFlight {
  readonly options: LauncherOptions;
  readonly launcher: Child;
  readonly gateway: Child;
}

/** All of them run. */
async function inFlight(t: Test, engine: TestEngine): Promise<InFlight> {
  const options = await optionsFor(t, engine);
  const launcher = startChild(t, "launcher-child.ts", options);
  t.equal(await launcher.line(), "serves");
  const gateway = startChild(t, "launching-child.ts", toldFor(options));
  t.equal(await gateway.line(), "launched");
  return { options, launcher, gateway };
}

async function optionsFor(t: Test, engine: TestEngine): Promise<LauncherOptions> {
  const image = await busyboxImage(engine);
  const bounds = { containers: count, containersBytes: count * 8 * 2 ** 20 };
  const tools = [{ script: "sleep 600", memoryMb: 8 }];
  return testLauncherOptions(t, { engine: engine.socket, image, tools, bounds });
}

function toldFor({ socket }: LauncherOptions): object {
  const limits = { memoryMb: 8, cpuMs: 1_000 };
  return { socket, requests: Array.from({ length: count }, () => requestOf({ limits })) };
}

async function noneLeft(options: LauncherOptions): Promise<void> {
  while ((await namesOf(options)).length > 0) await sleep(50);
}
