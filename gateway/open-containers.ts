import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { containerLimits } from "../manifests/container-limits.ts";
import { cleanLabel } from "../manifests/label.ts";
import { Refusal } from "../manifests/refusals.ts";
import type { ContainerTier } from "../manifests/tier.ts";
import type { Broker } from "../sandbox/broker/broker.ts";
import { createEgressProxy } from "../sandbox/broker/proxy/create-egress-proxy.ts";
import { createContainerSandboxes } from "../sandbox/container/container-sandbox.ts";
import { connectLauncher } from "../sandbox/container/link/connect-launcher.ts";
import type { EngineFacts, Launcher } from "../sandbox/container/link/launcher.ts";
import { proveTier } from "../sandbox/container/proof/prove-tier.ts";
import type { ProbeDeps } from "../sandbox/container/proof/run-probe.ts";
import type { Readiness, Sandbox, SandboxFailure } from "../sandbox/sandbox.ts";
import type { Config } from "./config/config.ts";
import { type Containers, containersOf } from "./config/containers-config.ts";
import { probeImage } from "./launcher/compose-launcher.ts";
import { startLauncher } from "./launcher/start-launcher.ts";
import type { Images } from "./tools/read-images.ts";

/** The container tiers of a gateway. Nothing of them is there before one is asked for. */
export interface ContainerTiers {
  readonly sandboxes: ReadonlyMap<ContainerTier, Sandbox>;
  /** False where nobody asked for containers. */
  readonly isNamed: boolean;
  /** What the engine is and has. @throws {Refusal} `ENGINE_UNAVAILABLE`. */
  facts(): Promise<EngineFacts>;
  /** Resolves when no container is left, and nothing leads to one. */
  close(): Promise<void>;
}

export interface ContainersGround {
  readonly broker: Broker;
  /** Absolute path of the only folder whose files tools may see. */
  readonly workspace: string;
  /** The images that were built here. */
  readonly images: Images;
  /** Told of what was thrown at a way out and is no refusal. */
  onBug(error: unknown): void;
}

/** Undefined where the deployment has no container tiers. */
export function openContainers(
  config: Config,
  ground: ContainersGround,
): ContainerTiers | undefined {
  const containers = containersOf(config);
  return containers && new OpenedAtNeed(containers, () => open(config, containers, ground));
}

/** What is there once somebody has asked for it. */
interface Opened {
  readonly sandboxes: ReadonlyMap<ContainerTier, Sandbox>;
  readonly launcher: Launcher;
  close(): Promise<void>;
}

async function open(
  config: Config,
  containers: Containers,
  ground: ContainersGround,
): Promise<Opened> {
  const { socket, sockets, close } = await findLauncher(config, containers);
  const launcher = connectLauncher(socket);
  const proxy = createEgressProxy({ folder: sockets, onBug: ground.onBug });
  const sandboxes = createContainerSandboxes({
    ...{ launcher, proxy, tiers: containers.tiers },
    ...{ broker: ground.broker, workspace: ground.workspace },
    containers: containerLimits.containers,
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

class OpenedAtNeed implements ContainerTiers {
  readonly sandboxes: ReadonlyMap<ContainerTier, Sandbox>;
  readonly isNamed: boolean;
  readonly #open: () => Promise<Opened>;
  #opened: Promise<Opened> | undefined;
  #isClosed = false;

  constructor({ tiers, isNamed }: Containers, open: () => Promise<Opened>) {
    this.isNamed = isNamed;
    this.#open = open;
    this.sandboxes = new Map(tiers.map((tier) => [tier, this.#sandboxOf(tier)]));
  }

  async facts(): Promise<EngineFacts> {
    const { launcher } = await this.#parts();
    return await launcher.facts();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.close();
  }

  /** What could not be opened is tried again by who asks next. */
  #parts(): Promise<Opened> {
    if (this.#isClosed) return Promise.reject(unavailable(new Error("the gateway is stopping")));
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  #sandboxOf(tier: ContainerTier): Sandbox {
    const find = async (): Promise<Sandbox> => {
      const sandbox = (await this.#parts()).sandboxes.get(tier);
      if (sandbox === undefined) throw new Error(`no sandbox of the tier ${tier} was made`);
      return sandbox;
    };
    return {
      tier,
      run: async (job, signal) => {
        const sandbox = await find().catch(refused);
        return "kind" in sandbox ? sandbox : await sandbox.run(job, signal);
      },
      probe: async () => await (await find()).probe(),
      warm: async () => await (await find()).warm(),
      close: () => Promise.resolve(),
    };
  }
}

/** @throws whatever is a bug of ours. */
function refused(error: unknown): SandboxFailure {
  if (!(error instanceof Refusal)) throw error;
  const usage = { wallMs: 0, cpuMs: 0, outputBytes: 0 };
  const nothing = { usage, requests: [], log: "", read: cleanLabel };
  return { kind: "failed", code: error.code, detail: error.message, ...nothing };
}
