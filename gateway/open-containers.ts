import { cleanLabel } from "../manifests/label.ts";
import { Refusal } from "../manifests/refusals.ts";
import type { ContainerTier } from "../manifests/tier.ts";
import type { EngineFacts } from "../sandbox/container/link/launcher.ts";
import type { Sandbox, SandboxFailure } from "../sandbox/sandbox.ts";
import type { Config } from "./config/config.ts";
import { type Containers, containersOf } from "./config/containers-config.ts";
import type { ContainersGround, LaunchedContainers } from "./launch-containers.ts";

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

/** Undefined where the deployment has no container tiers. */
export function openContainers(
  config: Config,
  ground: ContainersGround,
): ContainerTiers | undefined {
  const containers = containersOf(config);
  if (containers === undefined) return undefined;
  return new OpenedAtNeed(containers, async () => {
    // Most gateways never need what it is made of.
    const { launchContainers } = await import("./launch-containers.ts");
    return await launchContainers({ config, containers }, ground);
  });
}

class OpenedAtNeed implements ContainerTiers {
  readonly sandboxes: ReadonlyMap<ContainerTier, Sandbox>;
  readonly isNamed: boolean;
  readonly #open: () => Promise<LaunchedContainers>;
  #opened: Promise<LaunchedContainers> | undefined;
  #isClosed = false;

  constructor({ tiers, isNamed }: Containers, open: () => Promise<LaunchedContainers>) {
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
  #parts(): Promise<LaunchedContainers> {
    if (this.#isClosed) return Promise.reject(stopping());
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

function stopping(): Refusal {
  return new Refusal("ENGINE_UNAVAILABLE", "the gateway is stopping");
}
