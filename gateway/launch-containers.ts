import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { Refusal } from "../manifests/refusals.ts";
import type { ContainerTier } from "../manifests/tier.ts";
import type { Broker } from "../sandbox/broker/broker.ts";
import { createEgressProxy } from "../sandbox/broker/proxy/create-egress-proxy.ts";
import { createContainerSandboxes } from "../sandbox/container/container-sandbox.ts";
import { connectLauncher } from "../sandbox/container/link/connect-launcher.ts";
import type { Launcher } from "../sandbox/container/link/launcher.ts";
import { proveTier } from "../sandbox/container/proof/prove-tier.ts";
import type { ProbeDeps } from "../sandbox/container/proof/run-probe.ts";
import type { Readiness, Sandbox } from "../sandbox/sandbox.ts";
import type { Config } from "./config/config.ts";
import type { Containers } from "./config/containers-config.ts";
import { probeImage } from "./launcher/compose-launcher.ts";
import { startLauncher } from "./launcher/start-launcher.ts";
import type { Images } from "./tools/read-images.ts";

/** What is there once somebody has asked for it. */
export interface LaunchedContainers {
  readonly sandboxes: ReadonlyMap<ContainerTier, Sandbox>;
  readonly launcher: Launcher;
  close(): Promise<void>;
}

export interface ContainersGround {
  readonly broker: Broker;
  /** Absolute path of the only folder whose files tools may see. */
  readonly workspace: string;
  /** The images that were built here. */
  readonly images: Images;
  /** Told of what was thrown at a way out, or by who hears a container, and is no refusal. */
  onBug(error: unknown): void;
}

export interface ContainersDeployment {
  readonly config: Config;
  readonly containers: Containers;
}

/**
 * Finds or starts a launcher, and puts the gateway's side of the container tiers together.
 *
 * @throws {Refusal} `ENGINE_UNAVAILABLE`.
 */
export async function launchContainers(
  { config, containers }: ContainersDeployment,
  ground: ContainersGround,
): Promise<LaunchedContainers> {
  const { socket, sockets, close } = await findLauncher(config, containers);
  const launcher = connectLauncher(socket, ground.onBug);
  const proxy = createEgressProxy({ folder: sockets, onBug: ground.onBug });
  const sandboxes = createContainerSandboxes({
    ...{ launcher, proxy, tiers: containers.tiers },
    ...{ broker: ground.broker, workspace: ground.workspace },
    ...{ containers: containers.atOnce, onBug: ground.onBug },
    prove: (tier) => prove({ tier, launcher, newSlot, now }, ground.images),
  });
  return {
    sandboxes,
    launcher,
    close: async () => {
      await Promise.all([...sandboxes.values()].map((sandbox) => sandbox.close()));
      await launcher.close();
      await proxy.close();
      await close();
    },
  };
}

/** @throws {Refusal} where there is nothing to measure: no engine, or no image to send there. */
async function prove(deps: ProbeDeps, images: Images): Promise<Readiness> {
  await deps.launcher.facts();
  if (!images.has(probeImage)) {
    const cause = new Error(`the image \`${probeImage}\` was not built: \`ringward images build\``);
    throw new Refusal("IMAGE_UNAVAILABLE", undefined, { cause });
  }
  return await proveTier(deps);
}

const newSlot = (): string => randomBytes(16).toString("hex");
const now = (): number => performance.now();

interface FoundLauncher {
  readonly socket: string;
  readonly sockets: string;
  close(): Promise<void>;
}

/** One that runs on its own; else, in development, a child of this process. */
async function findLauncher(config: Config, containers: Containers): Promise<FoundLauncher> {
  const { engine, launcher, sockets } = containers;
  if (launcher !== undefined && sockets !== undefined) {
    return { socket: launcher, sockets, close: () => Promise.resolve() };
  }
  const isThere = await stat(engine).then(
    (found) => found.isSocket(),
    () => false,
  );
  if (!isThere) throw unavailable(new Error(`no container engine listens at ${engine}`));
  try {
    return await startLauncher(config);
  } catch (cause) {
    throw unavailable(cause);
  }
}

function unavailable(cause: unknown): Refusal {
  return new Refusal("ENGINE_UNAVAILABLE", undefined, { cause });
}
