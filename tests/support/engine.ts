import { tmpdir } from "node:os";
import tap, { type Test } from "tap";
import { once } from "../../manifests/once.ts";
import type { ContainerTier } from "../../manifests/tier.ts";
import { ContainerEngine, type EngineChoices } from "../../scripts/engine/container-engine.ts";
import { borrowEngine, newEngineFolder } from "../../scripts/engine/lend-engine.ts";
import { whereIs } from "../../scripts/engine/programs.ts";
import { isRequired } from "./require.ts";
import { lentFolder } from "./shared-folder.ts";

// On a slow machine an engine takes its time to start, and so do images and containers.
tap.setTimeout(110_000);

export interface TestEngine {
  /** Absolute; the engine's API. */
  readonly socket: string;
  /** Whether it has the runtime `runsc`. */
  readonly hasGvisor: boolean;
  /** Of the engine's own; what is shared by those who use it may be put there. */
  readonly folder: string;
}

/**
 * The engine that all tests share: what the environment names, else one of this process's own, which
 * ends with it. Undefined where there can be none: the test is left out then, in one line, or has
 * failed where `RINGWARD_REQUIRE` asks for `docker`.
 */
export async function engineFor(t: Test): Promise<TestEngine | undefined> {
  return await orLeftOut(t, sharedEngine());
}

/** The same, where it has gVisor; else as `RINGWARD_REQUIRE` says of `runsc`. */
export async function gvisorFor(t: Test): Promise<TestEngine | undefined> {
  const engine = await orLeftOut(t, sharedEngine(), ["docker", "runsc"]);
  if (!engine || engine.hasGvisor) return engine;
  leaveOut(t, ["runsc"], "no gVisor here: there is no runsc");
  return undefined;
}

/** The same, where it can run containers of the tier. */
export async function engineWith(t: Test, tier: ContainerTier): Promise<TestEngine | undefined> {
  return await (tier === "gvisor" ? gvisorFor(t) : engineFor(t));
}

/** One for a single test, which may stop it, kill it and start it again. It is running. */
export async function privateEngine(
  t: Test,
  choices: EngineChoices = {},
): Promise<(TestEngine & ContainerEngine) | undefined> {
  const parent = lentFolder() ?? tmpdir();
  return await orLeftOut(t, startEngine(parent, { choices, ending: t }));
}

const hasGvisor = whereIs("runsc") !== undefined;

const sharedEngine: () => Promise<TestEngine> = once(async () => {
  const lent = lentFolder();
  if (lent !== undefined) return { socket: await borrowEngine(lent), hasGvisor, folder: lent };
  return await startEngine(tmpdir(), { choices: {}, ending: tap });
});

interface Start {
  readonly choices: EngineChoices;
  /** The test, or all of them, with which it ends. */
  readonly ending: Pick<Test, "teardown">;
}

async function startEngine(
  parent: string,
  { choices, ending }: Start,
): Promise<TestEngine & ContainerEngine> {
  const lack = ContainerEngine.lack();
  if (lack !== undefined) throw new Error(lack);
  const engine = new ContainerEngine(newEngineFolder(parent), choices);
  ending.teardown(() => engine.remove());
  await engine.start();
  return Object.assign(engine, { hasGvisor });
}

async function orLeftOut<T>(
  t: Test,
  engine: Promise<T>,
  needed: readonly string[] = ["docker"],
): Promise<T | undefined> {
  try {
    return await engine;
  } catch (error) {
    leaveOut(t, needed, `no container engine here: ${(error as Error).message}`);
    return undefined;
  }
}

function leaveOut(t: Test, needed: readonly string[], why: string): void {
  const tool = needed.find(isRequired);
  if (tool === undefined) t.plan(0, why);
  else t.fail(`RINGWARD_REQUIRE asks for ${tool}: ${why}`);
}
